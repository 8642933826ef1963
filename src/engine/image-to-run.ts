import { hasCode } from '../errors.ts';
import { parsePlatform } from '../image/platform.ts';
import { familiarName, parseReference } from '../image/reference.ts';
import type { Image } from '../image/types.ts';
import { isUnpacked } from '../store/images.ts';
import { lockUse } from '../store/use.ts';
import { findImage, notHere } from './images.ts';
import type { Parts } from './parts.ts';
import type { PulledImage, PullOptions } from './pull.ts';

/** Which image, and where it comes from. */
export interface ImageOptions extends PullOptions {
  /** A reference, an image ID, or the beginning of one. */
  image: string;
  /** When to pull; `missing` when absent. */
  pull?: 'missing' | 'always' | 'never';
}

/** Images that nobody takes away before `release` is called, in the order asked for. */
export interface HeldImages {
  images: Image[];
  release(): void;
}

/** How often others may take an image away between its coming and its use. */
const ATTEMPTS = 5;

/**
 * The image for a container and those it mounts, pulled as `pull` says, unpacked, and kept until the container's record
 * says that it uses them. Throws what a pull throws, IMAGE_NOT_FOUND with `pull: 'never'`.
 */
export async function holdImages(
  parts: Parts,
  options: ImageOptions,
  mounted: string[] = [],
): Promise<HeldImages> {
  const texts = [options.image, ...mounted];
  if (options.pull === 'always') for (const text of texts) await pull(parts, text, options);
  let missing: Missing | undefined;
  for (let attempt = 0; attempt < ATTEMPTS * texts.length; attempt++) {
    if (missing) await bring(parts, { ...options, image: missing.text }, missing.image);
    const found = await lookUp(parts, options, texts);
    if (found.missing === undefined) return found;
    missing = found.missing;
  }
  throw notHere(missing!.text);
}

/** One that is not here, or here and not unpacked. */
interface Missing {
  text: string;
  image: Image | undefined;
}

/** Holds the images where all are there and unpacked. */
async function lookUp(
  parts: Parts,
  { platform }: ImageOptions,
  texts: string[],
): Promise<(HeldImages & { missing?: undefined }) | { missing: Missing }> {
  const lock = await lockUse(await parts.store(), { shared: true });
  const wanted = platform === undefined ? undefined : parsePlatform(platform);
  const images: Image[] = [];
  try {
    for (const text of texts) {
      const image = await findImage(parts, text, wanted);
      // Of several platforms in the store only one is unpacked.
      if (image === undefined || !(await isUnpacked(await parts.storage(), image))) {
        lock.release();
        return { missing: { text, image } };
      }
      images.push(image);
    }
    return { images, release: () => lock.release() };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Unpacks an image that is here, or pulls it. */
async function bring(parts: Parts, options: ImageOptions, image: Image | undefined): Promise<void> {
  const { image: text, pull: policy = 'missing' } = options;
  try {
    if (image) return await (await import('./pull.ts')).unpack(parts, image);
  } catch (error) {
    // Somebody is removing the image, or has damaged the store.
    if (policy === 'never' || !hasCode(error, 'BLOB_NOT_FOUND')) throw error;
  }
  if (policy === 'never') throw notHere(text);
  parts.log(`Unable to find image '${familiarName(parseReference(text))}' locally`);
  await pull(parts, text, options);
}

/** The registry client takes its time to load, and most commands never need it. */
export async function pull(parts: Parts, image: string, options: PullOptions): Promise<PulledImage> {
  const { pull: pullNow } = await import('./pull.ts');
  return await pullNow(parts, image, options);
}
