import { writeSync } from 'node:fs';
import { O } from '../../../native/constants.ts';
import { type ByteString, basename, dirname, toPath } from '../bytes.ts';
import { writeWithHoles } from '../holes.ts';
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
  const { data, isTooShort } = entry.sparse === undefined ? plainWriter(fd) : sparseWriter(fd, entry.sparse);
  return {
    data,
    close() {
      try {
        if (isTooShort()) syscalls.ftruncate(fd, entry.size);
        setMetadata(applying, fd, entry);
        setTimes(applying, fd, entry.mtimeNs);
      } finally {
        syscalls.close(fd);
      }
    },
  };
}

interface Writer {
  data(bytes: Buffer): void;
  /** After the last bytes: whether the file may end in a hole, and has to be given its length. */
  isTooShort(): boolean;
}

/** Most archives have no other way to tell of holes than the zeros that they stand for. */
function plainWriter(fd: number): Writer {
  let [position, endsInHole] = [0, false];
  return {
    data(bytes) {
      endsInHole = writeWithHoles(fd, bytes, position);
      position += bytes.length;
    },
    isTooShort: () => endsInHole,
  };
}

/** Puts the bytes into the ranges of the map, in order. */
function sparseWriter(fd: number, ranges: DataRange[]): Writer {
  let [at, done] = [0, 0];
  return {
    data(bytes) {
      for (let rest = bytes; rest.length > 0; ) {
        const range = ranges[at]!;
        const length = Math.min(rest.length, range.length - done);
        const written = writeSync(fd, rest, 0, length, range.offset + done);
        done += written;
        rest = rest.subarray(written);
        if (done === range.length) [at, done] = [at + 1, 0];
      }
    },
    isTooShort: () => true,
  };
}
