import { writeSync } from 'node:fs';
import { O } from '../../../native/constants.ts';
import { type ByteString, basename, dirname, toPath } from '../bytes.ts';
import { BLOCK, writeWithHoles } from '../holes.ts';
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
  const { syscalls } = applying;
  const fd = createOver(applying, dirname(path), basename(path), ({ parent, name }) =>
    syscalls.openat(parent, toPath(name), CREATE, 0o600),
  );
  applying.own?.remember(fd, '');
  const put = entry.sparse === undefined ? plainWriter(fd) : sparseWriter(fd, entry.sparse);
  return {
    data: put,
    close() {
      try {
        // A shorter one has no room for a hole that nobody told of.
        if (entry.sparse !== undefined || entry.size >= BLOCK) syscalls.ftruncate(fd, entry.size);
        setMetadata(applying, fd, entry);
        setTimes(applying, fd, entry.mtimeNs);
      } finally {
        syscalls.close(fd);
      }
    },
  };
}

/** Most archives have no other way to tell of holes than the zeros that they stand for. */
function plainWriter(fd: number): (bytes: Buffer) => void {
  let position = 0;
  return (bytes) => {
    position = writeWithHoles(fd, bytes, position);
  };
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
