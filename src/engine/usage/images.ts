import type { StorageDriver } from '../../driver/index.ts';
import { GockerError } from '../../errors.ts';
import { familiarRepository, parseReference } from '../../image/reference.ts';
import type { Digest } from '../../image/types.ts';
import type { DiskMeter } from '../../layer/disk.ts';
import { hasBlob, listBlobs } from '../../store/blobs.ts';
import { findGarbage } from '../../store/collect.ts';
import { listImages, presentImages, type StoredImage } from '../../store/images.ts';
import { type Store, storePaths } from '../../store/layout.ts';
import { type Ref, readRefs } from '../../store/refs.ts';
import { diskOf, measureGarbage } from '../prune/measure.ts';
import type { Category, ImageUsage, LayerUsage } from './types.ts';

export interface ImagesUsage {
  category: Category;
  images: ImageUsage[];
  layers: LayerUsage[];
}

export interface Measuring {
  store: Store;
  driver: StorageDriver;
  meter: DiskMeter;
  /** Image ID -> how many containers use it. */
  users: ReadonlyMap<Digest, number>;
}

/** All blobs and committed snapshots, those of no image too. */
export async function imagesUsage(measuring: Measuring): Promise<ImagesUsage> {
  const { store, users } = measuring;
  const packed = await packedSizes(measuring);
  const unpacked = await unpackedSizes(measuring);
  const { images: stored } = await listImages(store);
  const layers = layersOf(stored, packed, unpacked);
  const images = stored.map((one) => imageUsage(one, { packed, layers, users }));
  const size = sum(packed.values()) + sum(unpacked.values());
  const ids = new Set(images.map(({ id }) => id));
  const active = [...ids].filter((id) => users.has(id)).length;
  const category = { total: ids.size, active, size, reclaimable: await reclaimable(measuring) };
  return { category, images, layers: [...layers.values()] };
}

async function packedSizes({ store, meter }: Measuring): Promise<Map<Digest, number>> {
  const digests = await listBlobs(store);
  return new Map(digests.map((digest) => [digest, meter.measure(storePaths.blob(store, digest))]));
}

async function unpackedSizes({ driver }: Measuring): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for await (const { name, kind } of driver.list()) {
    if (kind === 'committed') sizes.set(name, await diskOf(driver, name));
  }
  return sizes;
}

function layersOf(
  stored: StoredImage[],
  packed: ReadonlyMap<Digest, number>,
  unpacked: ReadonlyMap<string, number>,
): Map<string, LayerUsage> {
  const layers = new Map<string, LayerUsage>();
  for (const [chainID, size] of unpacked)
    layers.set(chainID, { chainID, images: [], packed: 0, unpacked: size });
  for (const { image } of stored) {
    for (const [at, chainID] of image.chainIDs.entries()) {
      const layer = layers.get(chainID) ?? { chainID, images: [], packed: 0, unpacked: 0 };
      const { digest } = image.layers[at]!;
      if (!layer.images.includes(image.id)) layer.images.push(image.id);
      layers.set(chainID, { ...layer, digest, packed: packed.get(digest) ?? 0 });
    }
  }
  return layers;
}

interface Sizes {
  packed: ReadonlyMap<Digest, number>;
  layers: ReadonlyMap<string, LayerUsage>;
  users: ReadonlyMap<Digest, number>;
}

function imageUsage({ image, references }: StoredImage, { packed, layers, users }: Sizes): ImageUsage {
  const own = image.chainIDs.map((chainID) => layers.get(chainID)!);
  const bytes = (some: LayerUsage[]) => sum(some.map((layer) => layer.packed + layer.unpacked));
  const documents = (packed.get(image.id) ?? 0) + (packed.get(image.manifest.digest) ?? 0);
  const names = references.map(parseReference).map((reference) => ({
    repository: familiarRepository(reference),
    ...(reference.tag !== undefined && { tag: reference.tag }),
  }));
  return {
    id: image.id,
    names: names.length === 0 ? [{}] : names,
    ...(image.config.created !== undefined && { created: image.config.created }),
    size: bytes(own) + documents,
    shared: bytes(own.filter(({ images }) => images.length > 1)),
    containers: users.get(image.id) ?? 0,
  };
}

/** What `image prune -a` would free; nothing is known while a document is damaged. */
async function reclaimable({ store, driver, users }: Measuring): Promise<number> {
  const isUsed = (ref: Ref) => presentImages(store, ref.descriptor).some(({ id }) => users.has(id));
  try {
    const refs = (await readRefs(store)).filter(
      (ref) => !hasBlob(store, ref.descriptor.digest) || isUsed(ref),
    );
    return await measureGarbage(
      { store, driver },
      await findGarbage(store, driver, { refs, unfinished: [] }),
    );
  } catch (error) {
    if (error instanceof GockerError) return 0;
    throw error;
  }
}

export function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
