import { AT } from '../../native/constants.ts';
import type { Syscalls } from '../../native/syscalls.ts';
import { isTaken } from './apply/xattr.ts';
import { toPath } from './bytes.ts';

/** Gives the open directory `to` the owner, attributes, mode and time of another. */
export function takeLooks(syscalls: Syscalls, from: number, to: number): void {
  const { uid, gid, mode, mtimeNs } = syscalls.statx(from, '', AT.EMPTY_PATH);
  const source = `/proc/self/fd/${from}/.`;
  syscalls.fchownat(to, '', uid, gid, AT.EMPTY_PATH);
  for (const name of syscalls.llistxattr(source).filter(isTaken)) {
    const value = syscalls.lgetxattr(source, toPath(name));
    if (value !== undefined) syscalls.fsetxattr(to, toPath(name), value, 0);
  }
  syscalls.fchmod(to, mode & 0o7777);
  syscalls.utimensat(to, '', mtimeNs, mtimeNs, AT.EMPTY_PATH);
}
