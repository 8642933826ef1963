import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Snapshot, StorageDriver } from '../driver/index.ts';
import { ConflictError } from '../errors.ts';
import { isDigest } from '../image/digest.ts';
import { MAX_JSON_BYTES } from '../image/json.ts';
import type { Descriptor, Digest } from '../image/types.ts';
import { blobSize, listBlobs, readBlob, removeBlob } from './blobs.ts';
import { closureOf } from './closure.ts';
import { forgetDeferred } from './deferred.ts';
import { presentImages } from './images.ts';
import { type Store, storePaths } from './layout.ts';
import { tryLock } from './lock.ts';
import { readRefs } from './refs.ts';
import { readUnfinished } from './unfinished.ts';

/** What a collection removed. */
export interface Collected {
  blobs: Digest[];
  /** chainIDs, from the top of their stacks downwards. */
  snapshots: string[];
}

interface Needed {
  blobs: Set<Digest>;
  snapshots: Set<string>;
}

/** Says that there is garbage, for whoever comes next if this process does not get to it. */
export function collectMarker(store: Pick<Store, 'root'>): string {
  return join(storePaths.ingest(store), 'collect');
}

/** Leaves the collection to whoever opens the store next. */
export async function noteGarbage(store: Pick<Store, 'root'>): Promise<void> {
  await writeFile(collectMarker(store), '', { mode: 0o600 });
}

/**
 * Removes blobs and snapshots that no ref and no unfinished pull leads to; snapshots that containers stand on stay. While any pull is running
 * nothing is removed, since its layers belong to no ref yet: undefined is returned, and a later `sweep` does it.
 */
export async function collect(store: Store, driver: StorageDriver): Promise<Collected | undefined> {
  await noteGarbage(store);
  const lock = tryLock(store.syscalls, storePaths.lock(store, 'pull'));
  if (lock === undefined) return undefined;
  try {
    const needed = await mark(store);
    const collected = {
      blobs: await sweepBlobs(store, needed.blobs),
      snapshots: await sweepSnapshots(driver, needed.snapshots),
    };
    forgetDeferred(store, collected);
    await rm(collectMarker(store), { force: true });
    return collected;
  } finally {
    lock.release();
  }
}

async function mark(store: Store): Promise<Needed> {
  const needed: Needed = { blobs: new Set(), snapshots: new Set() };
  for (const { descriptor } of await readRefs(store)) markTop(store, descriptor, needed);
  for (const { blobs, snapshots } of readUnfinished(store)) {
    for (const digest of blobs) needed.blobs.add(digest);
    for (const chainID of snapshots) needed.snapshots.add(chainID);
  }
  return needed;
}

/** Throws when a needed document cannot be read: what it names must not be taken for garbage. */
function markTop(store: Store, top: Descriptor, needed: Needed): void {
  const { documents, blobs } = closureOf(store, top);
  for (const { descriptor } of documents) needed.blobs.add(descriptor.digest);
  for (const { digest } of blobs) needed.blobs.add(digest);
  for (const image of presentImages(store, top)) {
    for (const chainID of image.chainIDs) needed.snapshots.add(chainID);
  }
}

/** Documents that name others go before these: a manifest in the store says that all it names is there. */
async function sweepBlobs(store: Store, needed: ReadonlySet<Digest>): Promise<Digest[]> {
  const garbage = (await listBlobs(store)).filter((digest) => !needed.has(digest));
  const ranked = await Promise.all(
    garbage.map(async (digest) => ({ digest, rank: await rank(store, digest) })),
  );
  ranked.sort((one, other) => one.rank - other.rank);
  for (const { digest } of ranked) await removeBlob(store, digest);
  return ranked.map(({ digest }) => digest);
}

async function rank(store: Store, digest: Digest): Promise<number> {
  if (((await blobSize(store, digest)) ?? 0) > MAX_JSON_BYTES) return 2;
  const text = tryRead(store, digest);
  if (/^\s*\{/.test(text) && /"manifests"\s*:/.test(text)) return 0;
  return /^\s*\{/.test(text) && /"layers"\s*:/.test(text) ? 1 : 2;
}

function tryRead(store: Store, digest: Digest): string {
  try {
    return readBlob(store, digest).toString('latin1');
  } catch {
    // Whatever is wrong with it, it is garbage.
    return '';
  }
}

async function sweepSnapshots(driver: StorageDriver, needed: ReadonlySet<string>): Promise<string[]> {
  const all: Snapshot[] = [];
  for await (const snapshot of driver.list()) all.push(snapshot);
  const removed: string[] = [];
  for (const { name } of topFirst(all).filter(
    ({ kind, name }) => kind === 'committed' && !needed.has(name),
  )) {
    if (await removeUnlessNeeded(driver, name)) removed.push(name);
  }
  return removed;
}

/** Children before their parents. */
function topFirst(snapshots: Snapshot[]): Snapshot[] {
  const parents = new Map(snapshots.map(({ name, parent }) => [name, parent]));
  const depth = (name: string): number => {
    let steps = 0;
    for (let at = parents.get(name); at !== undefined && isDigest(at); at = parents.get(at)) steps++;
    return steps;
  };
  return [...snapshots].sort((one, other) => depth(other.name) - depth(one.name));
}

async function removeUnlessNeeded(driver: StorageDriver, name: string): Promise<boolean> {
  try {
    await driver.remove(name);
    return true;
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
}
