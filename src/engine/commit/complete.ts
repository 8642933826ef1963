import { formerIDs, isDeferred, isIncomplete, withFormerIDs } from '../../image/deferred.ts';
import { shortOf } from '../../image/digest.ts';
import type { Descriptor, Digest, Image } from '../../image/types.ts';
import { hasBlob } from '../../store/blobs.ts';
import { collect, noteGarbage } from '../../store/collect.ts';
import { keepMadeLayer, type MadeLayer, madeLayer } from '../../store/deferred.ts';
import { readImage } from '../../store/images.ts';
import { markPull, type PullMark } from '../../store/ingest.ts';
import { type Store, storePaths } from '../../store/layout.ts';
import { withLock } from '../../store/lock.ts';
import { readRefs, updateRefs } from '../../store/refs.ts';
import type { Parts } from '../parts.ts';
import { nameSnapshots, writeDocuments } from './documents.ts';
import { makeLayer } from './make-layer.ts';

/**
 * Makes the archives and digests that a committed image does without, for whoever wants to hand it on. The image becomes one
 * with another ID, in one step and under the same names; its ID up to now goes on to name it. Nothing for other images. Throws
 * what `makeLayer` throws; the image is as it was then.
 */
export async function complete(parts: Parts, image: Image): Promise<void> {
  if (!isIncomplete(image)) return;
  const store = await parts.store();
  await withLock(store.syscalls, storePaths.lock(store, 'complete'), async () => {
    if (!(await isNamed(store, image.manifest))) return;
    const mark = await markPull(store);
    try {
      await replace(parts, readImage(store, image.manifest), mark);
    } finally {
      mark.done();
    }
    await collect(store, await parts.storage());
  });
}

/** False when somebody else has done it meanwhile, or has removed the image. */
async function isNamed(store: Store, { digest }: Descriptor): Promise<boolean> {
  return (await readRefs(store)).some(({ descriptor }) => descriptor.digest === digest);
}

async function replace(parts: Parts, image: Image, mark: PullMark): Promise<void> {
  const store = await parts.store();
  const made: (MadeLayer | undefined)[] = [];
  for (const [at, layer] of image.layers.entries()) {
    made.push(isDeferred(layer) ? await obtain(parts, { image, at, mark }) : undefined);
  }
  const diffIDs = image.config.diffIDs.map((diffID, at) => made[at]?.diffID ?? diffID);
  const layers = image.layers.map((layer, at) => made[at]?.layer ?? layer);
  await nameSnapshots(store, diffIDs, image.chainIDs);
  const { manifest } = await writeDocuments(store, { ...image.config, diffIDs }, layers);
  await noteGarbage(store);
  await updateRefs(store, (refs) =>
    refs.map((ref) =>
      ref.descriptor.digest === image.manifest.digest
        ? { ...ref, descriptor: withFormerIDs(manifest, [...formerIDs(ref.descriptor), image.id]) }
        : ref,
    ),
  );
}

/** A layer that another image shares may have been made already. */
async function obtain(
  parts: Parts,
  { image, at, mark }: { image: Image; at: number; mark: PullMark },
): Promise<MadeLayer> {
  const store = await parts.store();
  const digest = image.layers[at]!.digest as Digest;
  const known = madeLayer(store, digest);
  if (known !== undefined && hasBlob(store, known.layer.digest)) return known;
  parts.log(`Packing layer ${at + 1} of ${image.layers.length} of image ${shortOf(image.id)}`);
  const driver = await parts.storage();
  const key = `${mark.keyPrefix}pack`;
  const made = await makeLayer({ store, driver, snapshot: image.chainIDs[at]!, key });
  await keepMadeLayer(store, digest, made);
  return made;
}
