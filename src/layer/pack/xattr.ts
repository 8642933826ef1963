import type { Syscalls } from '../../../native/syscalls.ts';
import { hasCode } from '../../errors.ts';
import { isTaken } from '../apply/xattr.ts';
import { type ByteString, toPath } from '../bytes.ts';
import type { Place } from './entry.ts';

/** The attributes that a layer may bring, of a file of any kind; none where the file system has no such thing. */
export function readXattrs(
  syscalls: Syscalls,
  { directory, name }: Omit<Place, 'path'>,
): Map<ByteString, Buffer> {
  const path = toPath(`/proc/self/fd/${directory}/${name}`);
  const found = new Map<ByteString, Buffer>();
  for (const key of namesOf(syscalls, path).filter(isTaken)) {
    const value = syscalls.lgetxattr(path, toPath(key));
    if (value !== undefined) found.set(key, value);
  }
  return found;
}

function namesOf(syscalls: Syscalls, path: string | Buffer): ByteString[] {
  try {
    return syscalls.llistxattr(path);
  } catch (error) {
    if (hasCode(error, 'ENOTSUP', 'EOPNOTSUPP')) return [];
    throw error;
  }
}
