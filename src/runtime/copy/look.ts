import { AT, O, RESOLVE, S } from '../../../native/constants.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { hasCode } from '../../errors.ts';

/** What is at a path. */
export type Kind = 'directory' | 'link' | 'other' | undefined;

/** Looks inside a root, which links do not lead out of. Undefined when nothing is there; `follow` the last part too. */
export function kindOf(
  syscalls: Syscalls,
  root: number,
  { path, follow }: { path: string; follow: boolean },
): Kind {
  try {
    const flags = O.PATH | O.CLOEXEC | (follow ? 0 : O.NOFOLLOW);
    const resolve = RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS;
    const fd = syscalls.openat2(root, path, { flags, resolve });
    const type = syscalls.statx(fd, '', AT.EMPTY_PATH).mode & S.IFMT;
    syscalls.close(fd);
    return type === S.IFDIR ? 'directory' : type === S.IFLNK ? 'link' : 'other';
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
