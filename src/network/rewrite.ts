import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { hasCode } from '../errors.ts';

/** A container may write what it likes into its file: one that is longer is left alone. */
const MAX_BYTES = 1024 * 1024;

/** What keeps a container's file from being written is the container's own affair, and no reason to fail for another. */
const ITS_OWN_AFFAIR = ['ENOENT', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'];

/**
 * Changes a file that is mounted in a container, in place: a new one under its name would not be seen there. Of a longer
 * old text line feeds stay for the moment until it is cut off, so that no reader finds half a line. At once: of many small
 * files each would wait for a thread several times, while others wait for the lock.
 */
export function rewriteInPlace(path: string, change: (text: string) => string): void {
  try {
    const fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
    try {
      rewrite(fd, change);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (!hasCode(error, ...ITS_OWN_AFFAIR)) throw error;
  }
}

function rewrite(fd: number, change: (text: string) => string): void {
  const { size } = fstatSync(fd);
  if (size > MAX_BYTES) return;
  const buffer = Buffer.alloc(size);
  const old = buffer.subarray(0, readSync(fd, buffer, 0, size, 0));
  // Bytes that are not UTF-8 are the user's own too.
  const next = Buffer.from(change(old.toString('latin1')), 'latin1');
  if (next.equals(old)) return;
  const padding = Buffer.alloc(Math.max(0, old.length - next.length), '\n');
  writeSync(fd, Buffer.concat([next, padding]), 0, next.length + padding.length, 0);
  if (padding.length > 0) ftruncateSync(fd, next.length);
}
