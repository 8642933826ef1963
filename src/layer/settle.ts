/**
 * What a layer that was unpacked apart from those below it must still learn from them. Needed only for storage drivers
 * that unpack all layers at once (`rebase`).
 */
import { AT, AT_FDCWD } from '../../native/constants.ts';
import type { FileStat, Syscalls } from '../../native/syscalls.ts';
import type { Mount } from '../driver/index.ts';
import { hasCode } from '../errors.ts';
import type { OpenQuestions } from './apply/context.ts';
import { isTaken } from './apply/xattr.ts';
import { toPath } from './bytes.ts';
import { isCutOff, lookThrough, stackOf } from './lower.ts';
import { OPEN_DIRECTORY } from './tree.ts';

export interface Settling {
  syscalls: Syscalls;
  /** The layer's directory. */
  directory: string;
  /** The driver's view of the layers below. */
  below: Mount[];
  questions: OpenQuestions;
}

/**
 * Gives directories without an entry of their own the looks that they have below, and takes away whiteouts that hide
 * nothing, which overlayfs would show. False when the layer has to be applied again on top of those below: it goes
 * through a symlink that only they have, or they are not known as directories.
 */
export function settle(settling: Settling): boolean {
  const { questions, syscalls } = settling;
  const stack = stackOf(settling.below);
  if (stack === undefined || questions.needsLower !== undefined) return false;
  const root = syscalls.openat(AT_FDCWD, settling.directory, OPEN_DIRECTORY);
  try {
    dropIdleWhiteouts(settling, stack, root);
    return questions.implied.every((path) => inherit(settling, stack, { root, path }));
  } finally {
    syscalls.close(root);
  }
}

function dropIdleWhiteouts(
  { syscalls, questions, directory }: Settling,
  stack: string[],
  root: number,
): void {
  for (const path of questions.whiteouts) {
    if (!isCutOff(syscalls, directory, path) && isSeen(syscalls, stack, path)) continue;
    syscalls.unlinkat(root, toPath(path), 0);
  }
}

function isSeen(syscalls: Syscalls, stack: string[], path: string): boolean {
  const sight = lookThrough(syscalls, stack, path);
  if (sight.kind === 'directory') syscalls.close(sight.fd);
  return sight.kind !== 'unseen';
}

/** False when the path leads through a symlink below. */
function inherit(
  settling: Settling,
  stack: string[],
  { root, path }: { root: number; path: string },
): boolean {
  const { syscalls, directory } = settling;
  if (path !== '' && isCutOff(syscalls, directory, `${path}/.`)) return true;
  const sight = lookThrough(syscalls, stack, path);
  if (sight.kind === 'directory') {
    copyLooks(syscalls, sight, { root, path });
    syscalls.close(sight.fd);
  }
  return sight.kind !== 'symlink';
}

function copyLooks(
  syscalls: Syscalls,
  from: { fd: number; stat: FileStat },
  { root, path }: { root: number; path: string },
): void {
  const fd = openIfThere(syscalls, root, path);
  if (fd === undefined) return;
  const { uid, gid, mode, mtimeNs } = from.stat;
  const source = `/proc/self/fd/${from.fd}/.`;
  syscalls.fchownat(fd, '', uid, gid, AT.EMPTY_PATH);
  for (const name of syscalls.llistxattr(source).filter(isTaken)) {
    const value = syscalls.lgetxattr(source, toPath(name));
    if (value !== undefined) syscalls.fsetxattr(fd, toPath(name), value, 0);
  }
  syscalls.fchmod(fd, mode & 0o7777);
  syscalls.utimensat(fd, '', mtimeNs, mtimeNs, AT.EMPTY_PATH);
  syscalls.close(fd);
}

/** A later entry of the layer may have put something else there. */
function openIfThere(syscalls: Syscalls, root: number, path: string): number | undefined {
  try {
    return syscalls.openat(root, path === '' ? '.' : toPath(path), OPEN_DIRECTORY);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
    throw error;
  }
}
