import type { StorageDriver } from '../driver/index.ts';
import { hasCode, NotFoundError } from '../errors.ts';
import { checkLayerCount, parseImageConfig } from '../image/config.ts';
import { formerIDs } from '../image/deferred.ts';
import { parseIndex, parseManifest } from '../image/manifest.ts';
import { isIndexType } from '../image/media-type.ts';
import { namesOthers } from '../image/parts.ts';
import type { ChainID, Descriptor, Digest, Image } from '../image/types.ts';
import { hasBlob, readBlob } from './blobs.ts';
import { MAX_DEPTH, tooDeep } from './closure.ts';
import { snapshotNames } from './deferred.ts';
import type { Store } from './layout.ts';
import { type Ref, readRefs } from './refs.ts';

/** One platform's image and the names under which the store has it. */
export interface StoredImage {
  image: Image;
  /** As `formatReference` writes them; none for what a tag has left behind. */
  references: string[];
  /** The same names, and what each stands for: the image's own manifest, or the index that it is in. */
  named: Map<string, Descriptor>;
  /** What names it, with or without a name of its own. */
  tops: Descriptor[];
}

/** What a ref names but nobody can read. */
export interface DamagedImage {
  ref: Ref;
  error: Error;
}

/**
 * All complete images, those pulled last at the end. An image is complete when its manifest is in the store, which is
 * written after everything that it names.
 */
export async function listImages(store: Store): Promise<{ images: StoredImage[]; damaged: DamagedImage[] }> {
  const images = new Map<Digest, StoredImage>();
  const damaged: DamagedImage[] = [];
  for (const ref of await readRefs(store)) {
    try {
      const manifests = presentManifests(store, ref.descriptor);
      if (manifests.length === 0) throw nothingOf(ref);
      for (const manifest of manifests) {
        const image = images.get(manifest.digest)?.image ?? readIfImage(store, manifest, ref.descriptor);
        if (image !== undefined) addTo(images, ref, image);
      }
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      damaged.push({ ref, error });
    }
  }
  return { images: [...images.values()], damaged };
}

function nothingOf({ descriptor }: Ref): NotFoundError {
  return new NotFoundError('BLOB_NOT_FOUND', `manifest ${descriptor.digest} is not in the store`, {
    hint: 'pull the image again, or mend it with: gocker image verify --repair',
  });
}

function addTo(images: Map<Digest, StoredImage>, ref: Ref, image: Image): void {
  const { digest } = image.manifest;
  const known: StoredImage = images.get(digest) ?? { image, references: [], named: new Map(), tops: [] };
  images.set(digest, known);
  if (ref.name !== undefined) {
    known.references.push(ref.name);
    known.named.set(ref.name, ref.descriptor);
  }
  if (!known.tops.some((top) => top.digest === ref.descriptor.digest)) known.tops.push(ref.descriptor);
}

/** The image's ID, and those that it had before its layers had digests. */
export function idsOf({ image, tops }: StoredImage): string[] {
  return [image.id, ...tops.filter(({ digest }) => digest === image.manifest.digest).flatMap(formerIDs)];
}

/** The images that a ref's descriptor leads to and that are in the store. Throws what `readImage` throws. */
export function presentImages(store: Store, top: Descriptor): Image[] {
  return presentManifests(store, top).flatMap((manifest) => readIfImage(store, manifest, top) ?? []);
}

/** An index may name attestations and other artifacts, which nobody runs. */
function readIfImage(store: Store, manifest: Descriptor, top: Descriptor): Image | undefined {
  try {
    return readImage(store, manifest);
  } catch (error) {
    if (manifest !== top && hasCode(error, 'UNSUPPORTED_MEDIA_TYPE')) return undefined;
    throw error;
  }
}

/** The manifests that a ref's descriptor leads to, through however many indexes, and that are in the store; each once. */
function presentManifests(store: Store, top: Descriptor): Descriptor[] {
  const seen = new Set<Digest>();
  const walk = (descriptor: Descriptor, depth: number): Descriptor[] => {
    const { mediaType, digest } = descriptor;
    if (seen.has(digest) || !hasBlob(store, digest)) return [];
    seen.add(digest);
    if (depth > MAX_DEPTH) throw tooDeep(descriptor);
    if (!isIndexType(mediaType)) return [descriptor];
    const { manifests } = parseIndex(readBlob(store, digest), mediaType);
    return manifests
      .filter((entry) => namesOthers(entry.mediaType))
      .flatMap((entry) => walk(entry, depth + 1));
  };
  return walk(top, 0);
}

/** The image of a manifest in the store. Throws BLOB_NOT_FOUND, DIGEST_MISMATCH and what the parsers throw. */
export function readImage(store: Store, descriptor: Descriptor): Image {
  const manifest = parseManifest(readBlob(store, descriptor.digest), descriptor.mediaType);
  const config = parseImageConfig(readBlob(store, manifest.config.digest));
  checkLayerCount(config, manifest);
  return {
    id: manifest.config.digest,
    manifest: descriptor,
    config,
    layers: manifest.layers,
    chainIDs: snapshotNames(store, config.diffIDs),
  };
}

/** Bytes that the image takes unpacked, all its layers together; of those that are not unpacked, packed. */
export async function imageSize(driver: StorageDriver, image: Image): Promise<number> {
  const sizes = await Promise.all(image.layers.map((_, at) => layerSize(driver, image, at)));
  return sizes.reduce((total, bytes) => total + bytes, 0);
}

/** The same of one of its layers, the bottom one being 0. */
export async function layerSize(
  driver: StorageDriver,
  { chainIDs, layers }: Image,
  at: number,
): Promise<number> {
  return (await usageOf(driver, chainIDs[at]!)) ?? layers[at]!.size;
}

async function usageOf(driver: StorageDriver, chainID: ChainID): Promise<number | undefined> {
  try {
    return (await driver.usage(chainID)).bytes;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** True when a container can stand on the image: another platform's may be here packed alone. */
export async function isUnpacked(driver: StorageDriver, { chainIDs }: Image): Promise<boolean> {
  const top = chainIDs.at(-1);
  return top === undefined || (await driver.stat(top)) !== undefined;
}
