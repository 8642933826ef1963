import { availableParallelism } from 'node:os';
import { DigestMismatchError, GockerError } from '../../errors.ts';
import type { Descriptor } from '../../image/types.ts';
import type { OpenQuestions } from '../../layer/apply/context.ts';
import type { LayerJob, LayerResult } from '../../layer/job.ts';
import { adoptBlob, hasBlob, removeBlob } from '../../store/blobs.ts';
import { lockIngest } from '../../store/ingest.ts';
import { storePaths } from '../../store/layout.ts';
import type { BlobStream } from '../types.ts';
import { type Placement, placementOf } from './target.ts';
import type { LayerPhase, LayerPull } from './types.ts';

/** A layer whose blob is in the store. With a key it was unpacked just now and waits to be committed. */
export interface ObtainedLayer {
  key?: string;
  placement?: Placement;
  questions?: OpenQuestions;
}

/** Gets one layer: nothing, when its blob and its snapshot are there; else out of the store or from the registry. */
export async function obtainLayer(pull: LayerPull, at: number): Promise<ObtainedLayer> {
  if (await isComplete(pull, at)) {
    report(pull, at, 'exists');
    return {};
  }
  report(pull, at, 'waiting');
  const ingest = await lockIngest(pull.store, pull.layers[at]!.digest, pull.signal);
  try {
    if (await isComplete(pull, at)) {
      report(pull, at, 'exists');
      return {};
    }
    return await unpackFromSomewhere(pull, at, ingest.path);
  } finally {
    await ingest.release();
  }
}

export function report(pull: LayerPull, at: number, phase: LayerPhase, current?: number): void {
  const { digest, size } = pull.layers[at]!;
  const whole = phase === 'done' || phase === 'exists' ? size : 0;
  pull.onProgress?.({ digest, phase, current: current ?? whole, total: size });
}

async function isComplete({ store, driver, layers, chainIDs }: LayerPull, at: number): Promise<boolean> {
  return hasBlob(store, layers[at]!.digest) && (await driver.stat(chainIDs[at]!)) !== undefined;
}

/** A damaged blob in the store is fetched again; an endpoint that served wrong bytes is passed over. */
async function unpackFromSomewhere(pull: LayerPull, at: number, ingest: string): Promise<ObtainedLayer> {
  const layer = pull.layers[at]!;
  const avoid = new Set<string>();
  for (let mismatch: DigestMismatchError | undefined; ; ) {
    const prepared = await prepare(pull, at);
    const job = jobOf(pull, at, prepared.placement);
    try {
      if (hasBlob(pull.store, layer.digest)) return { ...prepared, ...(await fromStore(pull, at, job)) };
      const result = await fromRegistry(pull, at, { job: { ...job, ingest }, avoid, mismatch });
      await adoptBlob(pull.store, layer.digest, ingest);
      return { ...prepared, ...result };
    } catch (error) {
      if (prepared.key !== undefined) await pull.driver.remove(prepared.key);
      if (!(error instanceof DigestMismatchError) || error === mismatch) throw error;
      mismatch = error;
      await removeBlob(pull.store, layer.digest);
    }
  }
}

/** A place to unpack to; none when the snapshot is there and only the blob is missing. */
async function prepare(pull: LayerPull, at: number): Promise<{ key?: string; placement?: Placement }> {
  const { driver, chainIDs, keyPrefix, store } = pull;
  if ((await driver.stat(chainIDs[at]!)) !== undefined) return {};
  const key = `${keyPrefix}${at}`;
  const parent = driver.rebase ? undefined : chainIDs[at - 1];
  const mounts = await driver.prepare(key, parent);
  return { key, placement: placementOf(mounts, at === 0, storePaths.mountPoint(store)) };
}

export function jobOf(pull: LayerPull, at: number, placement: Placement | undefined): LayerJob {
  const policy = { devices: pull.devices ?? 'create' };
  return {
    layer: pull.layers[at]!,
    diffID: pull.diffIDs[at]!,
    policy,
    apart: isLarge(pull, at),
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

interface Attempt {
  job: LayerJob;
  avoid: Set<string>;
  /** What went wrong before; thrown when nobody else has the blob. */
  mismatch: DigestMismatchError | undefined;
}

async function fromRegistry(
  pull: LayerPull,
  at: number,
  { job, avoid, mismatch }: Attempt,
): Promise<LayerResult> {
  const layer = pull.layers[at]!;
  let blob: BlobStream | undefined;
  try {
    const result = await pull.unpacker.unpack(job, {
      open: async () => {
        blob = await open(pull, layer, { avoid, mismatch });
        return blob.stream;
      },
      onProgress: (current) => report(pull, at, 'downloading', current),
      signal: pull.signal,
    });
    pull.sources.set(layer.digest, blob!.source);
    return result;
  } catch (error) {
    if (blob !== undefined) avoid.add(blob.source);
    blob?.stream.destroy();
    throw naming(layer, error);
  }
}

/** What the network did says nothing of the layer it did it to. */
function naming({ digest }: Descriptor, error: unknown): unknown {
  if (!(error instanceof GockerError) || error.message.includes(digest)) return error;
  const { code, message, hint, exitCode } = error;
  return new GockerError(code, `layer ${digest}: ${message}`, { hint, exitCode, cause: error });
}

async function open(
  { client, reference, signal }: LayerPull,
  layer: Descriptor,
  { avoid, mismatch }: Pick<Attempt, 'avoid' | 'mismatch'>,
): Promise<BlobStream> {
  try {
    return await client.fetchBlob(reference, layer, { avoid, signal });
  } catch (error) {
    throw mismatch ?? error;
  }
}
