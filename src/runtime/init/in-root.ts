/** Finding and making places inside a container's root, where every name may be the image's trap. */

import { AT, O, RESOLVE, S } from '../../../native/constants.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { GockerError, hasCode } from '../../errors.ts';

/** The root of a container, by fd: no lookup through it leaves it. */
export interface Root {
  syscalls: Syscalls;
  fd: number;
}

const INSIDE = RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS;

/** An O_PATH fd of an existing path; symbolic links are followed inside the root only. Throws ENOENT and the like. */
export function locate({ syscalls, fd }: Root, path: string): number {
  return syscalls.openat2(fd, path, { flags: O.PATH | O.CLOEXEC, resolve: INSIDE });
}

/** The same, undefined when nothing is there. */
export function locateIfPresent(root: Root, path: string): number | undefined {
  try {
    return locate(root, path);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/**
 * A directory that must not be reached through a symbolic link, made when missing: where /proc, /sys and /dev go. An
 * image that has a link there wants them to land elsewhere (CVE-2019-19921).
 */
export function realDirectory(root: Root, path: string): number {
  try {
    makeDirectory(root, path, 0o755);
    const flags = O.PATH | O.DIRECTORY | O.NOFOLLOW | O.CLOEXEC;
    return root.syscalls.openat2(root.fd, path, { flags, resolve: RESOLVE.IN_ROOT | RESOLVE.NO_SYMLINKS });
  } catch (error) {
    if (!hasCode(error, 'ELOOP', 'ENOTDIR', 'EEXIST')) throw error;
    throw new GockerError('UNSAFE_ROOTFS', `${path} in the image is not a directory`, {
      cause: error,
      hint: 'gocker does not mount through a link; rebuild the image with a directory there',
    });
  }
}

/** How many links that lead to nothing are followed one after the other; the kernel follows as many (path_resolution(7)). */
const LINKS_MAX = 40;

/** An O_PATH fd of a directory, made with its parents when missing; what a link leads to is made inside the root. */
export function ensureDirectory(root: Root, path: string, mode = 0o755, links = LINKS_MAX): number {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  for (let depth = 1; depth <= parts.length; depth++)
    makeDirectory(root, parts.slice(0, depth).join('/'), mode, links);
  return root.syscalls.openat2(root.fd, parts.join('/') || '/', {
    flags: O.PATH | O.DIRECTORY | O.CLOEXEC,
    resolve: INSIDE,
  });
}

/** An O_PATH fd of whatever is not a directory at the path; an empty file is made where nothing is, or where a link leads. */
export function ensureFile(root: Root, path: string, links = LINKS_MAX): number {
  const present = locateIfPresent(root, path);
  if (present !== undefined) return present;
  const [parent, name] = splitPath(path);
  const directory = ensureDirectory(root, parent);
  try {
    const flags = O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW | O.CLOEXEC;
    root.syscalls.close(root.syscalls.openat(directory, name, flags, 0o644));
  } catch (error) {
    const target = danglingTarget(root, { parent: directory, path, links }, error);
    root.syscalls.close(ensureFile(root, target, links - 1));
  } finally {
    root.syscalls.close(directory);
  }
  return locate(root, path);
}

/** True when the fd is a directory. */
export function isDirectory(syscalls: Syscalls, fd: number): boolean {
  return (syscalls.statx(fd, '', AT.EMPTY_PATH).mode & S.IFMT) === S.IFDIR;
}

/** One directory whose parent exists; one that is there already is left as it is. */
function makeDirectory(root: Root, path: string, mode: number, links = 0): void {
  const present = locateIfPresent(root, path);
  if (present !== undefined) {
    root.syscalls.close(present);
    return;
  }
  const [parentPath, name] = splitPath(path);
  const parent = locate(root, parentPath);
  try {
    root.syscalls.mkdirat(parent, name, mode);
  } catch (error) {
    const target = danglingTarget(root, { parent, path, links }, error);
    root.syscalls.close(ensureDirectory(root, target, mode, links - 1));
  } finally {
    root.syscalls.close(parent);
  }
}

/** Where a link that leads to nothing leads, as a path in the root; anything else that is in the way stays an error. */
function danglingTarget(
  { syscalls }: Root,
  { parent, path, links }: { parent: number; path: string; links: number },
  error: unknown,
): string {
  const [parentPath, name] = splitPath(path);
  if (!hasCode(error, 'EEXIST') || links === 0) throw error;
  const bytes = syscalls.readlinkat(parent, name);
  const target = bytes.toString();
  if (!Buffer.from(target).equals(bytes)) throw error;
  return target.startsWith('/') ? target : `${parentPath}/${target}`;
}

function splitPath(path: string): [parent: string, name: string] {
  const parts = path.split('/').filter((part) => part !== '');
  const name = parts.pop() ?? '.';
  return [parts.join('/') || '/', name];
}
