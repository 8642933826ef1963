import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DriverHost } from '../src/driver/index.ts';

/** flock(2). */
const LOCK = { shared: 1, exclusive: 2, nonBlocking: 4 };

/** Holds the lock at `path` while `work` runs. */
export async function locked<R>(
  host: Pick<DriverHost, 'syscalls'>,
  path: string,
  { mode, work }: { mode: 'shared' | 'exclusive'; work: () => R },
): Promise<R> {
  const fd = openSync(path, 'a', 0o600);
  try {
    while (!host.syscalls.flock(fd, LOCK[mode] | LOCK.nonBlocking)) await sleep(2);
    return work();
  } finally {
    closeSync(fd);
  }
}
