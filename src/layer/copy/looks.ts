import { AT, AT_FDCWD, O, S } from '../../../native/constants.ts';
import type { FileStat, Syscalls } from '../../../native/syscalls.ts';
import { hasCode } from '../../errors.ts';
import { type ByteString, toPath } from '../bytes.ts';
import { OPEN_DIRECTORY } from '../tree.ts';

/** A name in an open directory. */
export interface Name {
  directory: number;
  name: Buffer;
}

/** Of overlayfs's own attributes only this one means the same in a copy. */
const isCopied = (attribute: ByteString) =>
  attribute === 'trusted.overlay.opaque' || !attribute.startsWith('trusted.overlay.');

/**
 * Gives a copy the owner, attributes, mode and times of what it was made of. In this order: chown(2) clears setuid bits and
 * capabilities, and everything changes times.
 */
export function copyLooks(syscalls: Syscalls, from: Name & { stat: FileStat }, to: Name): void {
  const { mode, uid, gid, atimeNs, mtimeNs } = from.stat;
  syscalls.fchownat(to.directory, to.name, uid, gid, AT.SYMLINK_NOFOLLOW);
  copyXattrs(syscalls, from, to);
  if ((mode & S.IFMT) !== S.IFLNK) setMode(syscalls, to, mode & 0o7777);
  syscalls.utimensat(to.directory, to.name, atimeNs, mtimeNs, AT.SYMLINK_NOFOLLOW);
}

/** The same of a directory, by paths, without what only overlayfs reads. */
export function copyRootLooks(syscalls: Syscalls, from: string, to: string): void {
  const [source, target] = [from, to].map((path) => syscalls.openat(AT_FDCWD, path, OPEN_DIRECTORY));
  const name = Buffer.from('.');
  try {
    const stat = syscalls.statx(source!, '', AT.EMPTY_PATH);
    copyLooks(syscalls, { directory: source!, name, stat }, { directory: target!, name });
  } finally {
    for (const fd of [source!, target!]) syscalls.close(fd);
  }
}

function copyXattrs(syscalls: Syscalls, from: Name, to: Name): void {
  const [source, target] = [pathOf(from), pathOf(to)];
  for (const attribute of attributesOf(syscalls, source).filter(isCopied)) {
    const value = syscalls.lgetxattr(source, toPath(attribute));
    if (value !== undefined) syscalls.lsetxattr(target, toPath(attribute), value, 0);
  }
}

/** None where the file system has no such thing. */
function attributesOf(syscalls: Syscalls, path: Buffer): ByteString[] {
  try {
    return syscalls.llistxattr(path);
  } catch (error) {
    if (hasCode(error, 'ENOTSUP', 'EOPNOTSUPP')) return [];
    throw error;
  }
}

function pathOf({ directory, name }: Name): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${directory}/`), name]);
}

/** Through an fd that only names it: fchmodat(2) would follow a symlink. */
function setMode(syscalls: Syscalls, { directory, name }: Name, mode: number): void {
  const fd = syscalls.openat(directory, name, O.PATH | O.NOFOLLOW | O.CLOEXEC);
  try {
    syscalls.fchmodat(AT_FDCWD, `/proc/self/fd/${fd}`, mode);
  } finally {
    syscalls.close(fd);
  }
}
