import { NotFoundError, UsageError } from '../errors.ts';
import { quoted } from '../image/printable.ts';
import { familiarName, formatReference, parseReference, type Reference } from '../image/reference.ts';
import type { Descriptor } from '../image/types.ts';
import type { Store } from './layout.ts';
import { dropRefs, setRef } from './refs.ts';
import { type Resolved, resolveImage } from './resolve.ts';
import { lockUse } from './use.ts';

/**
 * `docker tag`: a further name for an image. By a name it stands for the same as that, all platforms of it; by an ID for
 * that image alone. An image that had the new name before stays without. Throws IMAGE_NOT_FOUND, AMBIGUOUS_ID or
 * INVALID_TARGET.
 */
export async function tagImage(store: Store, source: string, target: string): Promise<void> {
  const reference = targetReference(target);
  await whileImagesStay(store, async () => {
    await setRef(store, formatReference(reference), topOf(await resolveImage(store, source)));
  });
}

/** Else an image might go between being found and being named, and the name would be one of nothing. */
async function whileImagesStay(store: Store, work: () => Promise<void>): Promise<void> {
  const lock = await lockUse(store, { shared: true });
  try {
    await work();
  } finally {
    lock.release();
  }
}

/** What an image may be named: `NAME[:TAG]`. Throws INVALID_REFERENCE, INVALID_TARGET. */
export function targetReference(target: string): Reference {
  const reference = parseReference(target);
  if (reference.digest === undefined) return reference;
  throw new UsageError('INVALID_TARGET', `${quoted(target)} has a digest, which names nothing but itself`, {
    hint: 'write NAME:TAG for the new name',
  });
}

/** What the text stands for: the manifest or index behind a name, the manifest of an image that was found by ID. */
export function topOf({ found, reference }: Resolved): Descriptor {
  if (reference === undefined) return found.image.manifest;
  const byDigest = found.tops.find(({ digest }) => reference.endsWith(`@${digest}`));
  return found.named.get(reference) ?? byDigest ?? found.image.manifest;
}

/**
 * `podman untag`: takes the given names away from an image, or all of them when none is given. The image stays, without
 * a name if need be. Throws IMAGE_NOT_FOUND, AMBIGUOUS_ID, or TAG_NOT_FOUND for what is no name of the image.
 */
export async function untagImage(store: Store, image: string, names: readonly string[]): Promise<void> {
  await whileImagesStay(store, async () => {
    const { found } = await resolveImage(store, image);
    const known = [...found.named.keys()];
    const wanted = names.map((name) => nameAmong(known, name, image));
    await dropRefs(store, wanted.length === 0 ? known : wanted);
  });
}

function nameAmong(known: string[], name: string, image: string): string {
  const reference = parseReference(name);
  if (known.includes(formatReference(reference))) return formatReference(reference);
  const list = known.map((one) => familiarName(parseReference(one))).join(', ') || 'none';
  throw new NotFoundError(
    'TAG_NOT_FOUND',
    `${familiarName(reference)} is no name of image ${quoted(image)}`,
    {
      hint: `its names: ${list}`,
    },
  );
}
