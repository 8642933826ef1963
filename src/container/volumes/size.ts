import { AT, AT_FDCWD, S } from '../../../native/constants.ts';
import { hasCode } from '../../errors.ts';
import { OPEN_DIRECTORY, walkTree } from '../../layer/tree.ts';
import type { ContainerContext } from '../context.ts';
import type { Volume } from './record.ts';

/** Bytes of all files in a volume, hard links once, as docker counts them; those behind a device are not its own. */
export function sizeOfVolume({ syscalls }: ContainerContext, { mountpoint }: Volume): number {
  let top: number;
  try {
    top = syscalls.openat(AT_FDCWD, mountpoint, OPEN_DIRECTORY);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 0;
    throw error;
  }
  const counted = new Set<bigint>();
  let bytes = 0;
  try {
    walkTree(syscalls, top, {
      enter(directory, name) {
        const { mode, ino, size } = syscalls.statx(directory, name, AT.SYMLINK_NOFOLLOW);
        const isDirectory = (mode & S.IFMT) === S.IFDIR;
        if (!isDirectory && !counted.has(ino)) bytes += size;
        counted.add(ino);
        return isDirectory;
      },
    });
  } finally {
    syscalls.close(top);
  }
  return bytes;
}
