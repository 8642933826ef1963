/**
 * Walking and removing trees of any depth and any names, without ever following a symlink and with a constant number of
 * fds. Nobody else may be moving directories inside the tree meanwhile.
 */
import { readdirSync } from 'node:fs';
import { AT, O } from '../../native/constants.ts';
import type { Path, Syscalls } from '../../native/syscalls.ts';
import { hasCode } from '../errors.ts';

/** What to do at each name below a directory. */
export interface TreeVisitor {
  /** True when it is a directory to go into. */
  enter(directory: number, name: Buffer): boolean;
  /** After everything below a directory that was entered. */
  leave?(directory: number, name: Buffer): void;
}

interface Frame {
  name: Buffer;
  pending: Buffer[];
}

export const OPEN_DIRECTORY = O.RDONLY | O.DIRECTORY | O.NOFOLLOW | O.CLOEXEC;

/** The names in a directory, as bytes. */
export function namesIn(directory: number): Buffer[] {
  return readdirSync(`/proc/self/fd/${directory}`, { encoding: 'buffer' }) as unknown as Buffer[];
}

/** Visits everything below the directory that the fd stands for, children before `leave` of their parent. */
export function walkTree(syscalls: Syscalls, directory: number, visitor: TreeVisitor): void {
  let current = syscalls.openat(directory, '.', OPEN_DIRECTORY);
  const stack: Frame[] = [{ name: Buffer.from('.'), pending: namesIn(current) }];
  const move = (to: Path) => {
    const next = syscalls.openat(current, to, OPEN_DIRECTORY);
    syscalls.close(current);
    current = next;
  };
  try {
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const name = frame.pending.pop();
      if (name !== undefined) {
        if (!visitor.enter(current, name)) continue;
        move(name);
        stack.push({ name, pending: namesIn(current) });
      } else {
        stack.pop();
        if (stack.length === 0) return;
        move('..');
        visitor.leave?.(current, frame.name);
      }
    }
  } finally {
    syscalls.close(current);
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
