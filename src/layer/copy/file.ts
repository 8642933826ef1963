import { readSync } from 'node:fs';
import { O } from '../../../native/constants.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { hasCode } from '../../errors.ts';
import { writeWithHoles } from '../holes.ts';

/** ioctl_ficlone(2). */
const FICLONE = 0x40049409;
const CHUNK = 1024 * 1024;
const CREATE = O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW | O.CLOEXEC;

/** Makes a file with the content of the open one: as a reflink where the file system has them. Returns its fd. */
export function copyContent(
  syscalls: Syscalls,
  source: { fd: number; size: number },
  to: { directory: number; name: Buffer },
): number {
  const fd = syscalls.openat(to.directory, to.name, CREATE, 0o600);
  try {
    if (source.size > 0 && !isCloned(syscalls, fd, source.fd)) copyBytes(syscalls, fd, source);
    return fd;
  } catch (error) {
    syscalls.close(fd);
    throw error;
  }
}

function isCloned(syscalls: Syscalls, fd: number, source: number): boolean {
  try {
    syscalls.ioctl(fd, FICLONE, source);
    return true;
  } catch (error) {
    if (hasCode(error, 'EOPNOTSUPP', 'ENOTSUP', 'EXDEV', 'EINVAL', 'ENOTTY')) return false;
    throw error;
  }
}

function copyBytes(syscalls: Syscalls, fd: number, source: { fd: number; size: number }): void {
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK, source.size));
  let at = 0;
  for (;;) {
    const length = readSync(source.fd, buffer, 0, buffer.length, at);
    if (length === 0) break;
    writeWithHoles(fd, buffer.subarray(0, length), at);
    at += length;
  }
  syscalls.ftruncate(fd, at);
}
