/**
 * Walking and removing trees of any depth and any names, without ever following a symlink and with a constant number of
 * fds.
 */
import { readdirSync } from 'node:fs';
import { AT, O } from '../../native/constants.ts';
import type { Path, Syscalls } from '../../native/syscalls.ts';
import { ConflictError, hasCode } from '../errors.ts';

/** What to do at each name below a directory. */
export interface TreeVisitor {
  /** True when it is a directory to go into. */
  enter(directory: number, name: Buffer): boolean;
  /** After everything below a directory that was entered. */
  leave?(directory: number, name: Buffer): void;
}

/** A name that a walk has come to. */
export interface TreeStep {
  kind: 'enter' | 'leave';
  /** The directory that has it; good until the next step. */
  directory: number;
  name: Buffer;
  /** How many directories are between it and the tree's own. */
  depth: number;
}

interface Frame {
  name: Buffer;
  pending: Buffer[];
  inode: bigint;
}

export const OPEN_DIRECTORY = O.RDONLY | O.DIRECTORY | O.NOFOLLOW | O.CLOEXEC;

/** The names in a directory, as bytes. */
export function namesIn(directory: number): Buffer[] {
  return readdirSync(`/proc/self/fd/${directory}`, { encoding: 'buffer' }) as unknown as Buffer[];
}

/**
 * Walks everything below the directory that the fd stands for: an `enter` for each name, which is answered with true for
 * a directory to go into, and a `leave` after all below it. The last name of `list` comes first. Throws TREE_CHANGED when
 * somebody moves the directory that the walk is in.
 */
export function* treeSteps(
  syscalls: Syscalls,
  directory: number,
  list: (directory: number) => Buffer[] = namesIn,
): Generator<TreeStep, void, boolean | undefined> {
  let current = -1;
  const stack: Frame[] = [];
  const move = (from: number, to: Path) => {
    const next = syscalls.openat(from, to, OPEN_DIRECTORY);
    if (current >= 0) syscalls.close(current);
    current = next;
  };
  const push = (name: Buffer) =>
    stack.push({ name, pending: list(current), inode: inodeOf(syscalls, current) });
  try {
    move(directory, '.');
    push(Buffer.from('.'));
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const name = frame.pending.pop();
      if (name !== undefined) {
        if (!(yield { kind: 'enter', directory: current, name, depth: stack.length - 1 })) continue;
        move(current, name);
        push(name);
      } else {
        stack.pop();
        const above = stack.at(-1);
        if (above === undefined) return;
        move(current, '..');
        if (inodeOf(syscalls, current) !== above.inode) throw changed(frame.name);
        yield { kind: 'leave', directory: current, name: frame.name, depth: stack.length - 1 };
      }
    }
  } finally {
    if (current >= 0) syscalls.close(current);
  }
}

export function inodeOf(syscalls: Syscalls, fd: number): bigint {
  return syscalls.statx(fd, '', AT.EMPTY_PATH).ino;
}

/** Otherwise `..` would lead to wherever the directory is now, and from there anywhere. */
export function changed(name: Buffer): ConflictError {
  return new ConflictError(
    'TREE_CHANGED',
    `directory ${JSON.stringify(name.toString())} was moved while it was read`,
    {
      hint: 'pause or stop what works there, and try again',
    },
  );
}

/** The same with a visitor: children before `leave` of their parent. */
export function walkTree(syscalls: Syscalls, directory: number, visitor: TreeVisitor): void {
  const steps = treeSteps(syscalls, directory);
  try {
    for (let next = steps.next(); !next.done; ) {
      const { kind, directory: parent, name } = next.value;
      if (kind === 'enter') next = steps.next(visitor.enter(parent, name));
      else {
        visitor.leave?.(parent, name);
        next = steps.next();
      }
    }
  } finally {
    steps.return();
  }
}

/** Removes a name and everything below it; nothing when there is no such name. */
export function removeTree(syscalls: Syscalls, directory: number, name: Path): void {
  if (unlinked(syscalls, directory, name)) return;
  const top = syscalls.openat(directory, name, OPEN_DIRECTORY);
  try {
    walkTree(syscalls, top, {
      enter: (parent, child) => !unlinked(syscalls, parent, child),
      leave: (parent, child) => syscalls.unlinkat(parent, child, AT.REMOVEDIR),
    });
  } finally {
    syscalls.close(top);
  }
  syscalls.unlinkat(directory, name, AT.REMOVEDIR);
}

/** False for a directory. */
function unlinked(syscalls: Syscalls, directory: number, name: Path): boolean {
  try {
    syscalls.unlinkat(directory, name, 0);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return true;
    if (hasCode(error, 'EISDIR', 'EPERM')) return false;
    throw error;
  }
}
