import { AT, AT_FDCWD, O, S } from '../../native/constants.ts';
import type { FileStat, Syscalls } from '../../native/syscalls.ts';
import type { Mount } from '../driver/index.ts';
import { hasCode } from '../errors.ts';
import { type ByteString, toPath } from './bytes.ts';

/** What a stack of layers shows at a path: `unseen` also stands for what is below a file or was deleted. */
export type Sight =
  | { kind: 'unseen' }
  /** The path, or a part on the way, is a symlink. */
  | { kind: 'symlink' }
  | { kind: 'file'; stat: FileStat }
  /** `fd`: the uppermost of the directories that are merged there; for the caller to close. */
  | { kind: 'directory'; stat: FileStat; fd: number };

/**
 * The directories that mounts stack, uppermost first; undefined for mounts of a kind that is not known. Of writable ones
 * those below, and with `upper` the writable one alone.
 */
export function stackOf(mounts: Mount[], which: 'lower' | 'upper' = 'lower'): string[] | undefined {
  const [mount] = mounts;
  if (mounts.length !== 1 || mount === undefined || mount.target !== undefined) return undefined;
  if (mount.type === 'bind') return [mount.source];
  const key = `${which}dir=`;
  const option = mount.type === 'overlay' ? mount.options.find((one) => one.startsWith(key)) : undefined;
  return option?.slice(key.length).split(':');
}

/** Looks at a path as overlayfs would, without mounting it. */
export function lookThrough(syscalls: Syscalls, stack: string[], path: ByteString): Sight {
  for (const directory of stack) {
    const sight = lookInto(syscalls, directory, path);
    if (sight !== undefined) return sight;
  }
  return { kind: 'unseen' };
}

/** True when the layer itself cuts the path off from what is below it: an opaque directory on the way. */
export function isCutOff(syscalls: Syscalls, directory: string, path: ByteString): boolean {
  return lookInto(syscalls, directory, path, true)?.kind === 'unseen';
}

const OPEN = O.PATH | O.DIRECTORY | O.NOFOLLOW | O.CLOEXEC;

/** Undefined when the layer says nothing of the path, so that the next one below is asked. */
function lookInto(
  syscalls: Syscalls,
  directory: string,
  path: ByteString,
  ignoreLast = false,
): Sight | undefined {
  const parts = path === '' ? [] : path.split('/');
  let fd = syscalls.openat(AT_FDCWD, directory, OPEN);
  let opaque = false;
  for (const [at, part] of parts.entries()) {
    const isLast = at === parts.length - 1;
    const sight = ignoreLast && isLast ? undefined : step(syscalls, fd, part);
    if (sight === undefined || sight.kind !== 'directory') {
      syscalls.close(fd);
      if (sight === undefined) return opaque ? { kind: 'unseen' } : undefined;
      return isLast || sight.kind === 'symlink' ? sight : { kind: 'unseen' };
    }
    syscalls.close(fd);
    fd = sight.fd;
    opaque ||= isOpaque(syscalls, fd);
  }
  return { kind: 'directory', fd, stat: syscalls.statx(fd, '', AT.EMPTY_PATH) };
}

function step(syscalls: Syscalls, fd: number, part: ByteString): Sight | undefined {
  const name = toPath(part);
  let stat: FileStat;
  try {
    stat = syscalls.statx(fd, name, AT.SYMLINK_NOFOLLOW);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const type = stat.mode & S.IFMT;
  if (type === S.IFDIR) return { kind: 'directory', stat, fd: syscalls.openat(fd, name, OPEN) };
  if (type === S.IFLNK) return { kind: 'symlink' };
  const isWhiteout = type === S.IFCHR && stat.rdev.major === 0 && stat.rdev.minor === 0;
  return isWhiteout ? { kind: 'unseen' } : { kind: 'file', stat };
}

function isOpaque(syscalls: Syscalls, fd: number): boolean {
  return syscalls.lgetxattr(`/proc/self/fd/${fd}/.`, 'trusted.overlay.opaque')?.toString() === 'y';
}
