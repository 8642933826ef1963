import { availableParallelism } from 'node:os';
import { DigestMismatchError } from '../../errors.ts';
import type { OpenQuestions } from '../../layer/apply/context.ts';
import type { LayerJob, LayerResult } from '../../layer/job.ts';
import { adoptBlob, hasBlob, removeBlob } from '../../store/blobs.ts';
import { type Ingest, lockIngest, lockSnapshot } from '../../store/ingest.ts';
import { storePaths } from '../../store/layout.ts';
import { dropSnapshot } from './drop.ts';
import { type Attempt, fromRegistry, newTries } from './from-registry.ts';
import { report } from './report.ts';
import { type Placement, placementOf } from './target.ts';
import type { LayerPull } from './types.ts';

/** A layer whose blob is in the store. With a key it was unpacked just now and waits to be committed. */
export interface ObtainedLayer extends Prepared {
  questions?: OpenQuestions;
  /** To be called when its snapshot is committed, or will never be. */
  release(): void;
}

/** A place to unpack to; none when the snapshot is there and only the blob is missing. */
interface Prepared {
  key?: string;
  placement?: Placement;
}

/** Gets one layer: nothing, when its blob and its snapshot are there; else out of the store or from the registry. */
export async function obtainLayer(pull: LayerPull, at: number): Promise<ObtainedLayer> {
  if (await isComplete(pull, at)) return complete(pull, at);
  report(pull, at, 'waiting');
  const lock = await lockSnapshot(pull.store, pull.chainIDs[at]!, pull.signal);
  try {
    const obtained = await download(pull, at);
    if (obtained !== undefined) return { ...obtained, release: lock.remove };
  } catch (error) {
    lock.remove();
    throw error;
  }
  lock.remove();
  return complete(pull, at);
}

function complete(pull: LayerPull, at: number): ObtainedLayer {
  report(pull, at, 'exists');
  return { release() {} };
}

/** Undefined when somebody else has done it meanwhile. */
async function download(pull: LayerPull, at: number): Promise<Omit<ObtainedLayer, 'release'> | undefined> {
  const ingest = await lockIngest(pull.store, pull.layers[at]!.digest, pull.signal);
  try {
    return (await isComplete(pull, at)) ? undefined : await unpackFromSomewhere(pull, at, ingest);
  } finally {
    ingest.release();
  }
}

async function isComplete({ store, driver, layers, chainIDs }: LayerPull, at: number): Promise<boolean> {
  return hasBlob(store, layers[at]!.digest) && (await driver.stat(chainIDs[at]!)) !== undefined;
}

/** A damaged blob in the store is fetched again; wrong bytes from a registry are, too, as long as somebody else has it. */
async function unpackFromSomewhere(pull: LayerPull, at: number, ingest: Ingest) {
  const tries = newTries();
  for (;;) {
    const prepared = await prepare(pull, at);
    const job = jobOf(pull, at, prepared.placement);
    try {
      return { ...prepared, ...(await unpackFrom(pull, at, { job, ingest, tries })) };
    } catch (error) {
      const isFree = prepared.key === undefined || (await dropSnapshot(pull, prepared.key));
      if (!tries.again || !isFree) throw error;
    }
  }
}

async function unpackFrom(pull: LayerPull, at: number, attempt: Attempt): Promise<LayerResult> {
  const { job, ingest, tries } = attempt;
  const { digest } = pull.layers[at]!;
  if (!hasBlob(pull.store, digest)) {
    const result = await fromRegistry(pull, at, attempt);
    await adoptBlob(pull.store, digest, ingest.path);
    return result;
  }
  try {
    return await fromStore(pull, at, job);
  } catch (error) {
    tries.again = error instanceof DigestMismatchError;
    if (tries.again) await removeBlob(pull.store, digest);
    throw error;
  }
}

async function prepare(pull: LayerPull, at: number): Promise<Prepared> {
  const { driver, chainIDs } = pull;
  if ((await driver.stat(chainIDs[at]!)) !== undefined) return {};
  return placeFor(pull, at);
}

/** A new snapshot for a layer. */
export async function placeFor(pull: LayerPull, at: number): Promise<Required<Prepared>> {
  const { driver, chainIDs, keyPrefix, store } = pull;
  const key = `${keyPrefix}${at}`;
  const parent = driver.rebase ? undefined : chainIDs[at - 1];
  const mounts = await driver.prepare(key, parent).catch(async (error: unknown) => {
    // A full disk may have stopped it half-way.
    await dropSnapshot(pull, key);
    throw error;
  });
  return { key, placement: placementOf(mounts, at === 0, storePaths.mountPoint(store)) };
}

export function jobOf(pull: LayerPull, at: number, placement: Placement | undefined): LayerJob {
  const policy = { devices: pull.devices ?? 'create' };
  return {
    layer: pull.layers[at]!,
    diffID: pull.diffIDs[at]!,
    policy,
    isLarge: isLarge(pull, at),
    ...placement,
  };
}

/** More than one core's share of the image. */
function isLarge({ layers }: LayerPull, at: number): boolean {
  const total = layers.reduce((sum, { size }) => sum + size, 0);
  return layers[at]!.size > total / availableParallelism();
}

export async function fromStore(pull: LayerPull, at: number, job: LayerJob): Promise<LayerResult> {
  const { digest } = pull.layers[at]!;
  return pull.unpacker.unpack(
    { ...job, source: storePaths.blob(pull.store, digest) },
    { onProgress: (current) => report(pull, at, 'unpacking', current), signal: pull.signal },
  );
}
