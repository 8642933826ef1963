import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { StorageDriver } from '../driver/index.ts';
import { collect, collectMarker } from './collect.ts';
import { keyPrefix, LOCK_SUFFIX, PART_SUFFIX, PULL_SUFFIX } from './ingest.ts';
import { type Store, storePaths } from './layout.ts';
import { tryLock } from './lock.ts';

/**
 * Repairs what a killed process left: half-written downloads, snapshots that were being unpacked, a collection that did
 * not happen. One `readdir` when there is nothing to do. What living processes are at is told by their locks.
 */
export async function sweep(store: Store, loadDriver: () => Promise<StorageDriver>): Promise<void> {
  const folder = storePaths.ingest(store);
  const names = await readdir(folder);
  const ending = (suffix: string) => names.filter((name) => name.endsWith(suffix));
  for (const name of ending(LOCK_SUFFIX)) await dropDownload(store, join(folder, name));
  for (const name of ending(PULL_SUFFIX)) await dropPull(store, join(folder, name), loadDriver);
  const temporary = ending('.tmp');
  if (temporary.length > 0) await dropTemporary(store, temporary);
  if (names.includes(basename(collectMarker(store)))) await collect(store, await loadDriver());
}

async function dropDownload(store: Store, lockPath: string): Promise<void> {
  const lock = tryLock(store.syscalls, lockPath);
  if (lock === undefined) return;
  await rm(lockPath.slice(0, -LOCK_SUFFIX.length) + PART_SUFFIX, { force: true });
  lock.remove();
}

async function dropPull(store: Store, path: string, loadDriver: () => Promise<StorageDriver>): Promise<void> {
  const lock = tryLock(store.syscalls, path);
  if (lock === undefined) return;
  try {
    const prefix = keyPrefix(basename(path, PULL_SUFFIX));
    await removeActive(await loadDriver(), prefix);
    lock.remove();
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function removeActive(driver: StorageDriver, prefix: string): Promise<void> {
  for await (const { name, kind } of driver.list()) {
    if (kind !== 'committed' && name.startsWith(prefix)) await driver.remove(name);
  }
}

/** Documents of dead writers; who writes one is a pull. */
async function dropTemporary(store: Store, names: string[]): Promise<void> {
  const lock = tryLock(store.syscalls, storePaths.lock(store, 'pull'));
  if (lock === undefined) return;
  for (const name of names) await rm(join(storePaths.ingest(store), name), { force: true });
  lock.release();
}
