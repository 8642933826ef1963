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

/** An image that nobody takes away before `release` is called. */
export interface HeldImage {
  image: Image;
  release(): void;
}

/** How often others may take the image away between its coming and its use. */
const ATTEMPTS = 5;

/**
 * The image for a container, pulled as `pull` says, unpacked, and kept until the container's record says that it uses it.
 * Throws what a pull throws, IMAGE_NOT_FOUND with `pull: 'never'`.
 */
export async function holdImage(parts: Parts, options: ImageOptions): Promise<HeldImage> {
  if (options.pull === 'always') await pull(parts, options.image, options);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const { image, release } = await lookUp(parts, options);
    if (release !== undefined) return { image, release };
    await bring(parts, options, image);
  }
  throw notHere(options.image);
}

type Found = HeldImage | { image: Image | undefined; release?: undefined };

/** Holds the image where it is there and unpacked. */
async function lookUp(parts: Parts, { image: text, platform }: ImageOptions): Promise<Found> {
  const lock = await lockUse(await parts.store(), { shared: true });
  let image: Image | undefined;
  try {
    image = await findImage(parts, text, platform === undefined ? undefined : parsePlatform(platform));
    // Of several platforms in the store only one is unpacked.
    if (image && (await isUnpacked(await parts.storage(), image)))
      return { image, release: () => lock.release() };
  } catch (error) {
    lock.release();
    throw error;
  }
  lock.release();
  return { image };
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
