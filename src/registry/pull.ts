import { familiarName, formatReference } from '../image/reference.ts';
import type { Digest, Image } from '../image/types.ts';
import { createUnpacker } from '../layer/unpacker.ts';
import { putBlob } from '../store/blobs.ts';
import { snapshotNames } from '../store/deferred.ts';
import { toldOf } from '../store/failure.ts';
import { markPull, type PullMark } from '../store/ingest.ts';
import { readRefs, setRef } from '../store/refs.ts';
import { forgetUnfinished, keepUnfinished } from '../store/unfinished.ts';
import { type Documents, fetchDocuments } from './pull/documents.ts';
import { pullLayers } from './pull/layers.ts';
import { fetchOthers, keepOthers } from './pull/others.ts';
import { checkSpace } from './pull/space.ts';
import type { LayerPull, PullOptions, PullResult, Sources } from './pull/types.ts';

export { type Share, sharesOf } from './pull/shares.ts';
export type { LayerPhase, LayerProgress, PullOptions, PullResult, Sources } from './pull/types.ts';

/**
 * Gets an image: its layers unpacked into the storage driver while they are downloaded, its blobs as they came into the
 * store, then its name. Nothing of it is to be seen before all of it is there and verified; what is here already is not
 * fetched again. All errors are GockerErrors that name the image (or the signal's reason).
 */
export async function pullImage(options: PullOptions): Promise<PullResult> {
  const mark = await markPull(options.store, options.signal);
  try {
    return await pull(options, mark);
  } catch (error) {
    const name = familiarName(options.reference);
    throw toldOf(error, { cannot: `cannot pull ${name}`, root: options.store.root, subject: name });
  } finally {
    mark.done();
  }
}

async function pull(options: PullOptions, { keyPrefix, leave }: PullMark): Promise<PullResult> {
  const sources: Sources = new Map();
  const kept = new Map<Digest, number>();
  const unpacker = options.unpacker ?? createUnpacker();
  try {
    const documents = await fetchDocuments(options, sources);
    const image = imageOf(options, documents);
    const layerPull: LayerPull = {
      ...options,
      unpacker,
      keyPrefix,
      leave,
      sources,
      kept,
      layers: image.layers,
      diffIDs: image.config.diffIDs,
      chainIDs: image.chainIDs,
      signal: options.signal ?? new AbortController().signal,
    };
    await keepUnfinished(options.store, image);
    const isIndex = documents.top.digest !== documents.manifest.digest;
    const others =
      options.allPlatforms && isIndex ? await fetchOthers(options, sources, documents) : undefined;
    await checkSpace(layerPull, others?.blobs);
    options.onImage?.(image, others?.blobs ?? []);
    const changed = { layers: false };
    layerPull.onProgress = (progress) => {
      changed.layers ||= progress.phase !== 'exists' && progress.phase !== 'waiting';
      options.onProgress?.(progress);
    };
    await pullLayers(layerPull);
    if (others !== undefined) await keepOthers(layerPull, others);
    const isNew = (await record(options, documents)) || changed.layers;
    forgetUnfinished(options.store, image);
    const { top } = documents;
    return {
      image,
      descriptor: top,
      digest: top.digest,
      sources,
      resumed: [...kept.values()].reduce((sum, bytes) => sum + bytes, 0),
      status: isNew ? 'downloaded' : 'up-to-date',
    };
  } finally {
    if (options.unpacker === undefined) await unpacker.close();
  }
}

function imageOf({ store }: PullOptions, { manifest, config, configDigest, layers }: Documents): Image {
  return { id: configDigest, manifest, config, layers, chainIDs: snapshotNames(store, config.diffIDs) };
}

/** Stores the documents, what names others last, and the name after all of them. False when all was so already. */
async function record({ store, reference }: PullOptions, { top, bytes }: Documents): Promise<boolean> {
  for (const document of bytes) await putBlob(store, document);
  const name = formatReference(reference);
  const known = (await readRefs(store)).find((ref) => ref.name === name);
  if (known?.descriptor.digest === top.digest) return false;
  await setRef(store, name, top);
  return true;
}
