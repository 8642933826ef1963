import { GockerError, hasCode, NotFoundError } from '../errors.ts';
import { hexOf, shortOf } from '../image/digest.ts';
import { formatPlatform, hostPlatform, normalise, runsOn } from '../image/platform.ts';
import { noSuch, quoted } from '../image/printable.ts';
import { formatReference, parseReference, type Reference, repositoryOf } from '../image/reference.ts';
import type { Platform } from '../image/types.ts';
import { idsOf, listImages, type StoredImage } from './images.ts';
import type { Store } from './layout.ts';

/** What a person typed, and how it was understood. */
export interface Resolved {
  found: StoredImage;
  /** The name that led to it; absent when it was found by ID. */
  reference?: string;
  /** All images under the same names: one per platform that was pulled. */
  all: StoredImage[];
}

const ID_PREFIX = /^(?:sha256:)?([0-9a-f]{1,64})$/;

/**
 * The image that a text means: a reference, else an image ID or the beginning of one. Of several platforms under one
 * name it is `platform`, else the one that this machine runs, else the only one. Throws IMAGE_NOT_FOUND, or AMBIGUOUS_ID
 * with what the text could mean.
 */
export async function resolveImage(store: Store, text: string, platform?: Platform): Promise<Resolved> {
  const { images } = await listImages(store);
  const reference = tryParse(text);
  const named = reference === undefined ? [] : images.filter((image) => isNamed(image, reference));
  if (reference !== undefined && named.length > 0) {
    return { found: choose(named, platform, text), reference: formatReference(reference), all: named };
  }
  const prefix = ID_PREFIX.exec(text)?.[1];
  const found = prefix === undefined ? undefined : byID(images, prefix, text);
  if (found !== undefined) return { found: choose([found], platform, text), all: related(images, found) };
  throw notFound(text);
}

export function notFound(text: string): NotFoundError {
  return new NotFoundError('IMAGE_NOT_FOUND', noSuch('image', text), {
    hint: `see what there is with gocker images, or get it with gocker pull`,
  });
}

function tryParse(text: string): Reference | undefined {
  if (/^sha256:[0-9a-f]+$/.test(text)) return undefined;
  try {
    return parseReference(text);
  } catch (error) {
    if (ID_PREFIX.test(text) && hasCode(error, 'INVALID_REFERENCE')) return undefined;
    throw error;
  }
}

/** By the same name, or by the digest of what a name of the same repository stands for. */
function isNamed({ image, references, tops }: StoredImage, wanted: Reference): boolean {
  if (references.includes(formatReference(wanted))) return true;
  const { digest } = wanted;
  if (digest === undefined) return false;
  const repository = repositoryOf(wanted);
  const isHere = references.some((name) => repositoryOf(parseReference(name)) === repository);
  return isHere && (image.manifest.digest === digest || tops.some((top) => top.digest === digest));
}

function byID(images: StoredImage[], prefix: string, text: string): StoredImage | undefined {
  const fits = images.filter((stored) => idsOf(stored).some((id) => hexOf(id).startsWith(prefix)));
  const ids = [...new Set(fits.map(({ image }) => image.id))];
  if (ids.length <= 1) return fits[0];
  const list = fits.map(({ image, references }) => `${shortOf(image.id)} (${references[0] ?? 'no name'})`);
  throw new GockerError('AMBIGUOUS_ID', `${quoted(text)} could be ${list.join(', ')}`, {
    hint: 'write more digits of the image ID',
  });
}

function related(images: StoredImage[], { tops }: StoredImage): StoredImage[] {
  const digests = new Set(tops.map((top) => top.digest));
  return images.filter((image) => image.tops.some((top) => digests.has(top.digest)));
}

function choose(candidates: StoredImage[], platform: Platform | undefined, text: string): StoredImage {
  const wanted = platform ?? hostPlatform();
  const isExact = ({ image }: StoredImage) =>
    formatPlatform(normalise(image.config.platform)) === formatPlatform(normalise(wanted));
  const best =
    candidates.find(isExact) ?? candidates.find(({ image }) => runsOn(image.config.platform, wanted));
  if (best !== undefined) return best;
  if (platform === undefined && candidates.length > 0) return candidates.at(-1)!;
  const has = candidates.map(({ image }) => formatPlatform(image.config.platform)).join(', ');
  throw new NotFoundError(
    'IMAGE_NOT_FOUND',
    `${quoted(text)} is here for ${has}, not for ${formatPlatform(wanted)}`,
    {
      hint: `gocker pull --platform ${formatPlatform(wanted)} gets the other one`,
    },
  );
}
