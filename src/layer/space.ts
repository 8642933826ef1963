import type { Syscalls } from '../../native/syscalls.ts';
import { GockerError } from '../errors.ts';

const MEBIBYTE = 1024 * 1024;
/** Kept free for everybody else who writes there; of a small file system a hundredth. */
const RESERVE = 64 * MEBIBYTE;
/** A file of one byte takes a block, a directory a block and an inode: a tar archive can grow so much on the disk. */
const GROWTH = 8;

export interface Space {
  /** Bytes that may be used: what is free without what is reserved. */
  usable: number;
  free: number;
}

/**
 * What there is on the file system that holds the fd (statfs(2)); blocks that are root's alone are not free. One without
 * any blocks, a tmpfs without a limit, has no end.
 */
export function spaceOf(syscalls: Syscalls, fd: number): Space {
  const { bavail, blocks, bsize } = syscalls.fstatfs(fd);
  const free = blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
  return { usable: Math.max(0, free - Math.min(RESERVE, (blocks * bsize) / 100)), free };
}

/**
 * To be told of each unpacked byte before it is written. Looks at the disk now and then, the sooner the less there is,
 * and throws NO_SPACE while the reserve is still untouched: a few packed bytes can stand for more than any disk holds.
 */
export function createSpaceGuard(syscalls: Syscalls, fd: number): (bytes: number) => void {
  let [unpacked, budget] = [0, 0];
  return (bytes) => {
    unpacked += bytes;
    budget -= bytes;
    if (budget >= 0) return;
    const { usable, free } = spaceOf(syscalls, fd);
    if (usable < bytes) throw noSpaceLeft(unpacked, free);
    budget = Math.min(RESERVE, usable) / GROWTH;
  };
}

function noSpaceLeft(unpacked: number, free: number): GockerError {
  return new GockerError(
    'NO_SPACE',
    `no space left: ${mebibytes(unpacked)} of it are unpacked, ${mebibytes(free)} are free`,
    { hint: 'free some space (gocker rmi removes images) or keep images elsewhere with --root' },
  );
}

export function mebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
}
