/** What the store keeps of layers that had a random digest before they got their own (image/deferred.ts). */
import { readFileSync, readlinkSync, rmSync } from 'node:fs';
import { mkdir, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { GockerError, hasCode } from '../errors.ts';
import { chainIDs } from '../image/chain-id.ts';
import { descriptorSchema, digestSchema } from '../image/descriptor.ts';
import { hexOf } from '../image/digest.ts';
import { check, parseJSON } from '../image/json.ts';
import type { ChainID, Digest } from '../image/types.ts';
import { syncDirectory, writeFileAtomic } from './atomic.ts';
import { type Store, storePaths } from './layout.ts';
import { namesIn } from './names-in.ts';

const madeSchema = v.object({ diffID: digestSchema, layer: descriptorSchema });
/** A layer's own digests. */
export type MadeLayer = v.InferOutput<typeof madeSchema>;

const snapshotPath = (store: Store, chainID: string) =>
  join(storePaths.deferred(store), `${hexOf(chainID)}.snapshot`);
const layerPath = (store: Store, digest: string) =>
  join(storePaths.deferred(store), `${hexOf(digest)}.layer`);

/**
 * The names that the storage driver has for the layers with these diffIDs, bottom first: their chainIDs, but for layers
 * that were made here, whose snapshots are older than their digests.
 */
export function snapshotNames(store: Store, diffIDs: readonly Digest[]): ChainID[] {
  return chainIDs(diffIDs).map((chainID) => {
    try {
      return readlinkSync(snapshotPath(store, chainID)) as ChainID;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return chainID;
      throw error;
    }
  });
}

/** Says that the snapshot of a chainID has another name, on disk before anything leads to the chainID. */
export async function nameSnapshot(store: Store, chainID: ChainID, name: ChainID): Promise<void> {
  const path = snapshotPath(store, chainID);
  const folder = storePaths.deferred(store);
  const isNew = (await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined;
  if (isNew) await syncDirectory(store.root);
  rmSync(`${path}.tmp`, { force: true });
  await symlink(name, `${path}.tmp`);
  await rename(`${path}.tmp`, path);
  await syncDirectory(folder);
}

/** The digests that were made for a layer before; undefined when that was not or cannot be read. */
export function madeLayer(store: Store, digest: Digest): MadeLayer | undefined {
  const path = layerPath(store, digest);
  try {
    return check(madeSchema, parseJSON(readFileSync(path), path), { code: 'INVALID_JSON', what: path });
  } catch (error) {
    if (error instanceof GockerError || hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

export async function keepMadeLayer(store: Store, digest: Digest, made: MadeLayer): Promise<void> {
  await mkdir(storePaths.deferred(store), { recursive: true, mode: 0o700 });
  await writeFileAtomic(layerPath(store, digest), JSON.stringify(made));
}

/**
 * Forgets what was kept of snapshots and blobs that are about to go, and what writers left that were killed. To be called
 * while no pull is marked: whoever writes here is one.
 */
export function forgetDeferred(
  store: Store,
  gone: { snapshots: readonly string[]; blobs: readonly string[] },
): void {
  const folder = storePaths.deferred(store);
  for (const file of namesIn(folder)) {
    const path = join(folder, file);
    const isGone = file.endsWith('.snapshot')
      ? gone.snapshots.includes(readlinkSync(path))
      : file.endsWith('.layer') &&
        gone.blobs.includes(madeLayer(store, `sha256:${file.slice(0, 64)}` as Digest)?.layer.digest ?? '');
    if (isGone || file.endsWith('.tmp')) rmSync(path, { force: true });
  }
}
