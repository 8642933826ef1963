import { type Store, storePaths } from './layout.ts';
import { acquireLock, type Lock } from './lock.ts';

/**
 * Guards the step from finding an image to writing down who uses it: `shared` for whoever makes a container, else for
 * whoever takes images away. Neither downloads anything meanwhile. A pull that is marked may wait for it, never the other
 * way round.
 */
export function lockUse(store: Store, { shared = false } = {}): Promise<Lock> {
  return acquireLock(store.syscalls, storePaths.lock(store, 'use'), { shared });
}
