import { readSync } from 'node:fs';
import { AT, O, S } from '../../../native/constants.ts';
import type { FileStat, Syscalls } from '../../../native/syscalls.ts';
import { toPath } from '../bytes.ts';
import { paddingOf } from '../tar/write.ts';
import type { Place } from './entry.ts';

/** A fifo that took the file's place would block an open without it. */
const OPEN = O.RDONLY | O.NOFOLLOW | O.NONBLOCK | O.CLOEXEC;
const CHUNK = 256 * 1024;

/** A regular file that is held open; undefined when something else is there by now. Throws ENOENT when nothing is. */
export function openBody(
  syscalls: Syscalls,
  { directory, name }: Place,
): { fd: number; stat: FileStat } | undefined {
  const fd = syscalls.openat(directory, toPath(name), OPEN);
  const stat = syscalls.statx(fd, '', AT.EMPTY_PATH);
  if ((stat.mode & S.IFMT) === S.IFREG) return { fd, stat };
  syscalls.close(fd);
  return undefined;
}

/**
 * Exactly `size` bytes from the file's beginning, and what fills the last block: the header has told the size, whatever
 * becomes of the file. Holes are read as the zeros that they stand for.
 */
export function* readBody(fd: number, size: number): Generator<Buffer> {
  for (let at = 0; at < size; ) {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, size - at));
    const length = readSync(fd, buffer, 0, buffer.length, at);
    yield length > 0 ? buffer.subarray(0, length) : buffer.fill(0);
    at += length > 0 ? length : buffer.length;
  }
  yield paddingOf(size);
}
