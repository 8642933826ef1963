import { setTimeout as sleep } from 'node:timers/promises';
import { AT, AT_FDCWD, LOCK, O } from '../../native/constants.ts';
import type { FileStat, Syscalls } from '../../native/syscalls.ts';
import { hasCode } from '../errors.ts';

export interface LockOptions {
  /** Many holders at once, instead of one. */
  shared?: boolean;
  signal?: AbortSignal | undefined;
}

/** A held lock. The kernel lets go of it when the process dies. */
export interface Lock {
  release(): void;
  /** Removes the file and lets go; only for locks whose file is theirs alone. */
  remove(): void;
}

const LONGEST_WAIT_MS = 100;

/** Runs `work` while holding flock(2) on the file at `path`, which is made when missing. Waits without blocking. */
export async function withLock<R>(
  syscalls: Syscalls,
  path: string,
  work: () => Promise<R>,
  options: LockOptions = {},
): Promise<R> {
  const lock = await acquireLock(syscalls, path, options);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/** Waits for the lock. Rejects with the signal's reason when it is aborted. */
export async function acquireLock(
  syscalls: Syscalls,
  path: string,
  options: LockOptions = {},
): Promise<Lock> {
  for (let wait = 2; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    const lock = tryLock(syscalls, path, options);
    if (lock !== undefined) return lock;
    await sleepUnless(options.signal, wait);
  }
}

async function sleepUnless(signal: AbortSignal | undefined, ms: number): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    throw signal?.reason ?? error;
  }
}

/** The lock, or undefined when somebody else, in this process or another, holds it. */
export function tryLock(
  syscalls: Syscalls,
  path: string,
  { shared = false }: LockOptions = {},
): Lock | undefined {
  const fd = syscalls.openat(AT_FDCWD, path, O.RDWR | O.CREAT | O.CLOEXEC, 0o600);
  if (syscalls.flock(fd, (shared ? LOCK.SH : LOCK.EX) | LOCK.NB) && isStill(syscalls, fd, path)) {
    return {
      release: () => syscalls.close(fd),
      remove() {
        syscalls.unlinkat(AT_FDCWD, path, 0);
        syscalls.close(fd);
      },
    };
  }
  syscalls.close(fd);
  return undefined;
}

/** Whoever held the lock before may have removed the file: then the lock is on nothing. */
function isStill(syscalls: Syscalls, fd: number, path: string): boolean {
  const [held, found] = [inode(syscalls.statx(fd, '', AT.EMPTY_PATH)), currentInode(syscalls, path)];
  return held === found;
}

function currentInode(syscalls: Syscalls, path: string): string | undefined {
  try {
    return inode(syscalls.statx(AT_FDCWD, path, 0));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function inode({ dev, ino }: FileStat): string {
  return `${dev.major}:${dev.minor}:${ino}`;
}
