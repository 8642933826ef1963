import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join, parse } from 'node:path';
import type { StorageDriver } from '../driver/index.ts';
import { type Digest, isDigest } from '../image/digest.ts';
import { hasBlob } from './blobs.ts';
import { collect, collectMarker, noteGarbage } from './collect.ts';
import {
  ingestPath,
  keyPrefix,
  LOCK_SUFFIX,
  NOTES_SUFFIX,
  PART_SUFFIX,
  PULL_SUFFIX,
  tryIngest,
} from './ingest.ts';
import { type Store, storePaths } from './layout.ts';
import { tryLock } from './lock.ts';
import { isAbandoned, UNFINISHED_SUFFIX } from './unfinished.ts';

/**
 * Repairs what a killed process left: locks, snapshots that were being unpacked, a collection that did not happen; and
 * removes what pulls left for later when it was left too long ago. One `readdir` when there is nothing to do. What living
 * processes are at is told by their locks.
 */
export async function sweep(store: Store, loadDriver: () => Promise<StorageDriver>): Promise<void> {
  const folder = storePaths.ingest(store);
  const names = readdirSync(folder);
  const ending = (suffix: string) => names.filter((name) => name.endsWith(suffix));
  for (const name of ending(LOCK_SUFFIX)) tryLock(store.syscalls, join(folder, name))?.remove();
  const begun = new Set([...ending(PART_SUFFIX), ...ending(NOTES_SUFFIX)].map((name) => parse(name).name));
  for (const digest of [...begun].map((name) => `sha256:${name}`).filter(isDigest))
    dropDownload(store, digest);
  for (const name of ending(PULL_SUFFIX)) await dropPull(store, join(folder, name), loadDriver);
  const temporary = ending('.tmp');
  if (temporary.length > 0) await dropTemporary(store, temporary);
  const abandoned = ending(UNFINISHED_SUFFIX).filter((name) => isAbandoned(join(folder, name)));
  if (abandoned.length > 0) await noteGarbage(store);
  for (const name of abandoned) await rm(join(folder, name), { force: true });
  if (abandoned.length > 0 || names.includes(basename(collectMarker(store)))) {
    await collect(store, await loadDriver());
  }
}

/** Unless it can be gone on with. */
function dropDownload(store: Store, digest: Digest): void {
  const path = ingestPath(store, digest);
  const isWanted = () => existsSync(path) && !isAbandoned(path) && !hasBlob(store, digest);
  if (isWanted()) return;
  const ingest = tryIngest(store, digest);
  if (ingest === undefined) return;
  if (!isWanted()) ingest.discard();
  ingest.release();
}

async function dropPull(store: Store, path: string, loadDriver: () => Promise<StorageDriver>): Promise<void> {
  const lock = tryLock(store.syscalls, path);
  if (lock === undefined) return;
  try {
    const prefix = keyPrefix(basename(path, PULL_SUFFIX));
    if (await removeActive(await loadDriver(), prefix)) lock.remove();
    else lock.release();
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** False when some cannot be removed: that must not hinder every command, and the next one tries again. */
async function removeActive(driver: StorageDriver, prefix: string): Promise<boolean> {
  let isEmpty = true;
  for await (const { name, kind } of driver.list()) {
    if (kind === 'committed' || !name.startsWith(prefix)) continue;
    await driver.remove(name).catch(() => {
      isEmpty = false;
    });
  }
  return isEmpty;
}

/** Documents of dead writers; who writes one is a pull. */
async function dropTemporary(store: Store, names: string[]): Promise<void> {
  const lock = tryLock(store.syscalls, storePaths.lock(store, 'pull'));
  if (lock === undefined) return;
  try {
    for (const name of names) await rm(join(storePaths.ingest(store), name), { force: true });
  } finally {
    lock.release();
  }
}
