import { AT, AT_FDCWD, O } from '../../../native/constants.ts';
import { toPath } from '../bytes.ts';
import type { TarEntry } from '../tar/entry.ts';
import type { Applying, Place } from './context.ts';
import { setXattrs, setXattrsAt } from './xattr.ts';

/**
 * Owner, attributes and mode of an open file or directory. In this order: chown(2) clears setuid bits and file
 * capabilities, and a mode may take away the right to set the rest.
 */
export function setMetadata(applying: Applying, fd: number, entry: TarEntry): void {
  const { syscalls } = applying;
  syscalls.fchownat(fd, '', entry.uid, entry.gid, AT.EMPTY_PATH);
  if (entry.xattrs.size > 0) setXattrs(applying, fd, entry.xattrs);
  syscalls.fchmod(fd, entry.mode);
}

/** Last of all, since everything else changes them. */
export function setTimes({ syscalls }: Applying, fd: number, mtimeNs: bigint): void {
  syscalls.utimensat(fd, '', mtimeNs, mtimeNs, AT.EMPTY_PATH);
}

/** The same for what is not opened: the name itself, never what a symlink leads to. */
export function setMetadataAt(applying: Applying, place: Place, entry: TarEntry): void {
  const { syscalls } = applying;
  const name = toPath(place.name);
  syscalls.fchownat(place.parent, name, entry.uid, entry.gid, AT.SYMLINK_NOFOLLOW);
  if (entry.xattrs.size > 0) setXattrsAt(applying, place, entry.xattrs);
  if (entry.type !== 'symlink') setModeAt(applying, place, entry.mode);
  syscalls.utimensat(place.parent, name, entry.mtimeNs, entry.mtimeNs, AT.SYMLINK_NOFOLLOW);
}

/** Through an fd that only names the node: fchmodat(2) would follow a symlink, fchmod(2) would need it opened. */
function setModeAt({ syscalls }: Applying, { parent, name }: Place, mode: number): void {
  const fd = syscalls.openat(parent, toPath(name), O.PATH | O.NOFOLLOW | O.CLOEXEC);
  try {
    syscalls.fchmodat(AT_FDCWD, `/proc/self/fd/${fd}`, mode);
  } finally {
    syscalls.close(fd);
  }
}
