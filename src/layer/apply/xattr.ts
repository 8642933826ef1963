import { hasCode } from '../../errors.ts';
import type { ByteString } from '../bytes.ts';
import { toPath } from '../bytes.ts';
import type { Applying, Place } from './context.ts';

/** overlayfs keeps its own state in these: a layer that brought one could redirect a lookup. */
const OVERLAY = /^(?:trusted|user)\.overlay\./;
const TAKEN = /^(?:user\.|trusted\.|security\.capability$|system\.posix_acl_(?:access|default)$)/;

/** True for attributes that a layer may set; labels of a security module are the host's business. */
export function isTaken(name: string): boolean {
  return TAKEN.test(name) && !OVERLAY.test(name);
}

/** Attributes of an open file or directory. */
export function setXattrs({ syscalls }: Applying, fd: number, xattrs: ReadonlyMap<ByteString, Buffer>): void {
  setEach(xattrs, (name, value) => syscalls.fsetxattr(fd, toPath(name), value, 0));
}

/** Attributes of what cannot be opened: symlinks, devices, fifos. */
export function setXattrsAt(
  { syscalls }: Applying,
  { parent, name }: Place,
  xattrs: ReadonlyMap<ByteString, Buffer>,
): void {
  const path: ByteString = `/proc/self/fd/${parent}/${name}`;
  setEach(xattrs, (key, value) => syscalls.lsetxattr(toPath(path), toPath(key), value, 0));
}

/** A file system without such attributes, or a kind of file that cannot have them, is no reason to fail. */
function setEach(
  xattrs: ReadonlyMap<ByteString, Buffer>,
  set: (name: ByteString, value: Buffer) => void,
): void {
  for (const [name, value] of xattrs) {
    if (!isTaken(name)) continue;
    try {
      set(name, value);
    } catch (error) {
      if (!isOptional(name, error)) throw error;
    }
  }
}

function isOptional(name: string, error: unknown): boolean {
  return hasCode(error, 'ENOTSUP', 'EOPNOTSUPP') || (name.startsWith('user.') && hasCode(error, 'EPERM'));
}
