import { AT } from '../../../native/constants.ts';
import type { FileStat, Path, Syscalls } from '../../../native/syscalls.ts';

/** The inodes that a layer wrote, told from those of the layers below. */
export interface Own {
  remember(directory: number, name: Path): void;
  has(stat: FileStat): boolean;
}

export function createOwn(syscalls: Syscalls): Own {
  const inodes = new Set<string>();
  const key = ({ dev, ino }: FileStat) => `${dev.major}:${dev.minor}:${ino}`;
  return {
    remember(directory, name) {
      const flags = name === '' ? AT.EMPTY_PATH : AT.SYMLINK_NOFOLLOW;
      inodes.add(key(syscalls.statx(directory, name, flags)));
    },
    has: (stat) => inodes.has(key(stat)),
  };
}
