import { AT } from '../../../native/constants.ts';
import type { FileStat, Path, Syscalls } from '../../../native/syscalls.ts';

/** What a layer wrote, told from what the layers below brought. */
export interface Own {
  /** The inode is the layer's. With an empty name the one that the fd stands for. */
  remember(directory: number, name: Path): void;
  /** Only the name is: a hardlink to a file that may be of a lower layer. */
  rememberName(directory: number, name: Path): void;
  has(directory: number, name: Path, stat: FileStat): boolean;
}

export function createOwn(syscalls: Syscalls): Own {
  const inodes = new Set<string>();
  const names = new Set<string>();
  const key = ({ dev, ino }: FileStat) => `${dev.major}:${dev.minor}:${ino}`;
  const stat = (directory: number, name: Path) =>
    syscalls.statx(directory, name, name === '' ? AT.EMPTY_PATH : AT.SYMLINK_NOFOLLOW);
  const nameKey = (directory: number, name: Path) =>
    `${key(stat(directory, ''))}/${Buffer.from(name as string).toString('latin1')}`;
  return {
    remember: (directory, name) => void inodes.add(key(stat(directory, name))),
    rememberName: (directory, name) => void names.add(nameKey(directory, name)),
    has: (directory, name, found) =>
      inodes.has(key(found)) || (names.size > 0 && names.has(nameKey(directory, name))),
  };
}
