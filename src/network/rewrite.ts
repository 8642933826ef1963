import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { hasCode } from '../errors.ts';

/** A container may write what it likes into its file: one that is longer is left alone. */
const MAX_BYTES = 1024 * 1024;

/** What keeps a container's file from being written is the container's own affair, and no reason to fail for another. */
const ITS_OWN_AFFAIR = ['ENOENT', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'];

/**
 * Changes a file that is mounted in a container, in place: a new one under its name would not be seen there. Of a longer
 * old text line feeds stay for the moment until it is cut off, so that no reader finds half a line.
 */
export async function rewriteInPlace(path: string, change: (text: string) => string): Promise<void> {
  try {
    const file = await open(path, constants.O_RDWR | constants.O_NOFOLLOW);
    try {
      await rewrite(file, change);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!hasCode(error, ...ITS_OWN_AFFAIR)) throw error;
  }
}

async function rewrite(file: FileHandle, change: (text: string) => string): Promise<void> {
  const { size } = await file.stat();
  if (size > MAX_BYTES) return;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, 0);
  const old = buffer.subarray(0, bytesRead);
  // Bytes that are not UTF-8 are the user's own too.
  const next = Buffer.from(change(old.toString('latin1')), 'latin1');
  if (next.equals(old)) return;
  const padding = Buffer.alloc(Math.max(0, old.length - next.length), '\n');
  await file.write(Buffer.concat([next, padding]), 0, next.length + padding.length, 0);
  if (padding.length > 0) await file.truncate(next.length);
}
