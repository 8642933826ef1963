import { writeSync } from 'node:fs';
import { O } from '../../../native/constants.ts';
import { type ByteString, basename, dirname, toPath } from '../bytes.ts';
import type { DataRange, TarEntry } from '../tar/entry.ts';
import type { Applying } from './context.ts';
import { createOver } from './existing.ts';
import { setMetadata, setTimes } from './metadata.ts';

/** A regular file that is being written. */
export interface FileWriter {
  data(bytes: Buffer): void;
  close(): void;
}

const CREATE = O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW | O.CLOEXEC;

/** Creates the file and takes its bytes; owner, mode and times follow when all are there. */
export function openFile(applying: Applying, path: ByteString, entry: TarEntry): FileWriter {
  const { syscalls, policy } = applying;
  const fd = createOver(applying, dirname(path), basename(path), ({ parent, name }) =>
    syscalls.openat(parent, toPath(name), CREATE, 0o600),
  );
  applying.own?.remember(fd, '');
  const put = writerFor(applying, fd, entry);
  return {
    data: put,
    close() {
      try {
        if (entry.sparse !== undefined || policy.plain) syscalls.ftruncate(fd, entry.size);
        setMetadata(applying, fd, entry);
        setTimes(applying, fd, entry.mtimeNs);
      } finally {
        syscalls.close(fd);
      }
    },
  };
}

function writerFor(applying: Applying, fd: number, { sparse }: TarEntry): (bytes: Buffer) => void {
  if (sparse !== undefined) return sparseWriter(fd, sparse);
  return applying.policy.plain ? holeWriter(fd) : plainWriter(applying, fd);
}

/** A page: what file systems leave out at least. */
const HOLE = Buffer.alloc(4096);

/** Leaves whole pages of zeros out; the file is brought to its length in the end. */
function holeWriter(fd: number): (bytes: Buffer) => void {
  let offset = 0;
  return (bytes) => {
    for (let at = 0; at < bytes.length; ) {
      const page = HOLE.length - ((offset + at) % HOLE.length);
      const piece = bytes.subarray(at, at + page);
      if (piece.length < HOLE.length || !piece.equals(HOLE)) writeAll(fd, piece, offset + at);
      at += piece.length;
    }
    offset += bytes.length;
  };
}

function writeAll(fd: number, bytes: Buffer, position: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, position + at);
}

function plainWriter({ syscalls }: Applying, fd: number): (bytes: Buffer) => void {
  return (bytes) => void syscalls.write(fd, bytes);
}

/** Puts the bytes into the ranges of the map, in order. */
function sparseWriter(fd: number, ranges: DataRange[]): (bytes: Buffer) => void {
  let [at, done] = [0, 0];
  return (bytes) => {
    for (let rest = bytes; rest.length > 0; ) {
      const range = ranges[at]!;
      const written = writeSync(fd, rest, 0, Math.min(rest.length, range.length - done), range.offset + done);
      done += written;
      rest = rest.subarray(written);
      if (done === range.length) [at, done] = [at + 1, 0];
    }
  };
}
