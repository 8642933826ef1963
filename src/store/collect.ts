import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Snapshot, StorageDriver } from '../driver/index.ts';
import { ConflictError, GockerError, hasCode } from '../errors.ts';
import { isDigest } from '../image/digest.ts';
import { MAX_JSON_BYTES } from '../image/json.ts';
import type { Descriptor, Digest } from '../image/types.ts';
import { blobSize, listBlobs, readBlob, removeBlob } from './blobs.ts';
import { closureOf } from './closure.ts';
import { forgetDeferred } from './deferred.ts';
import { presentImages } from './images.ts';
import { type Store, storePaths } from './layout.ts';
import { tryLock } from './lock.ts';
import { type Ref, readRefs } from './refs.ts';
import { readUnfinished, type Unfinished } from './unfinished.ts';

/** What nothing needs. */
export interface Garbage {
  /** Those that name others before what they name. */
  blobs: Digest[];
  /** chainIDs, from the top of their stacks downwards. */
  snapshots: string[];
}

/** What is needed, with all that it leads to. */
export interface Roots {
  refs: readonly Ref[];
  unfinished: readonly Unfinished[];
  /** Snapshots of containers that are about to go. */
  leaving?: ReadonlySet<string>;
}

interface Needed {
  blobs: Set<Digest>;
  snapshots: Set<string>;
}

/** Says that there is garbage, for whoever comes next if this process does not get to it. */
export function collectMarker(store: Pick<Store, 'root'>): string {
  return join(storePaths.ingest(store), 'collect');
}

/**
 * Leaves the collection to whoever opens the store next. To be called before names go: whoever is killed between that and
 * the collection leaves content that nobody would look for.
 */
export async function noteGarbage(store: Pick<Store, 'root'>): Promise<void> {
  try {
    await writeFile(collectMarker(store), '', { mode: 0o600 });
  } catch (error) {
    // On a full disk there may be no room for it, and collecting makes some.
    if (!hasCode(error, 'ENOSPC', 'EDQUOT')) throw error;
  }
}

export interface CollectOptions {
  /** Called with what is about to go, while everything is still there. */
  before?(garbage: Garbage): Promise<void>;
}

/**
 * Removes blobs and snapshots that no ref and no unfinished pull leads to; snapshots that containers stand on stay. Nothing is
 * removed while any pull is running, since its layers belong to no ref yet, and while a document is damaged, since what
 * it names is not known: undefined is returned, and a later `sweep` does it.
 */
export async function collect(
  store: Store,
  driver: StorageDriver,
  { before }: CollectOptions = {},
): Promise<Garbage | undefined> {
  await noteGarbage(store);
  const lock = tryLock(store.syscalls, storePaths.lock(store, 'pull'));
  if (lock === undefined) return undefined;
  try {
    const garbage = await findIfSound(store, driver);
    if (garbage === undefined) return undefined;
    await before?.(garbage);
    const removed = await removeGarbage(store, driver, garbage);
    forgetDeferred(store, removed);
    await rm(collectMarker(store), { force: true });
    return removed;
  } finally {
    lock.release();
  }
}

/** A list of names that cannot be read leads to everything, for all that is known. */
async function findIfSound(store: Store, driver: StorageDriver): Promise<Garbage | undefined> {
  try {
    const roots = { refs: await readRefs(store), unfinished: readUnfinished(store) };
    return await findGarbage(store, driver, roots);
  } catch (error) {
    if (error instanceof GockerError) return undefined;
    throw error;
  }
}

async function removeGarbage(store: Store, driver: StorageDriver, garbage: Garbage): Promise<Garbage> {
  for (const digest of garbage.blobs) await removeBlob(store, digest);
  const snapshots: string[] = [];
  for (const name of garbage.snapshots) if (await removeUnlessNeeded(driver, name)) snapshots.push(name);
  return { blobs: garbage.blobs, snapshots };
}

/**
 * What could go if only the roots were there. Throws when a document that they lead to is damaged: what it names must not
 * be taken for garbage.
 */
export async function findGarbage(store: Store, driver: StorageDriver, roots: Roots): Promise<Garbage> {
  const needed = mark(store, roots);
  return {
    blobs: await garbageBlobs(store, needed.blobs),
    snapshots: await garbageSnapshots(driver, needed.snapshots, roots.leaving ?? new Set()),
  };
}

function mark(store: Store, roots: Roots): Needed {
  const needed: Needed = { blobs: new Set(), snapshots: new Set() };
  for (const { descriptor } of roots.refs) markTop(store, descriptor, needed);
  for (const { blobs, snapshots } of roots.unfinished) {
    for (const digest of blobs) needed.blobs.add(digest);
    for (const chainID of snapshots) needed.snapshots.add(chainID);
  }
  return needed;
}

function markTop(store: Store, top: Descriptor, needed: Needed): void {
  const { documents, blobs } = closureOf(store, top);
  for (const { descriptor } of documents) needed.blobs.add(descriptor.digest);
  for (const { digest } of blobs) needed.blobs.add(digest);
  for (const image of presentImages(store, top)) {
    for (const chainID of image.chainIDs) needed.snapshots.add(chainID);
  }
}

/** Documents that name others go before these: a manifest in the store says that all it names is there. */
async function garbageBlobs(store: Store, needed: ReadonlySet<Digest>): Promise<Digest[]> {
  const garbage = (await listBlobs(store)).filter((digest) => !needed.has(digest));
  const ranked = await Promise.all(
    garbage.map(async (digest) => ({ digest, rank: await rank(store, digest) })),
  );
  ranked.sort((one, other) => one.rank - other.rank);
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

/** Committed ones that are not needed and that nothing stands on which stays. */
async function garbageSnapshots(
  driver: StorageDriver,
  needed: ReadonlySet<string>,
  leaving: ReadonlySet<string>,
): Promise<string[]> {
  const all: Snapshot[] = [];
  for await (const snapshot of driver.list()) all.push(snapshot);
  const parents = new Map<string, string | undefined>(all.map(({ name, parent }) => [name, parent]));
  const kept = new Set<string>();
  for (const { name, kind } of all) {
    const stays = kind === 'committed' ? needed.has(name) : !leaving.has(name);
    if (!stays) continue;
    for (let at: string | undefined = name; at !== undefined && !kept.has(at); at = parents.get(at))
      kept.add(at);
  }
  return topFirst(all)
    .filter(({ name, kind }) => kind === 'committed' && !kept.has(name))
    .map(({ name }) => name);
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
