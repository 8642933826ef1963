import type { StorageDriver } from '../driver/index.ts';
import { ConflictError, hasCode } from '../errors.ts';
import { hexOf, shortOf } from '../image/digest.ts';
import { familiarName, formatReference, parseReference } from '../image/reference.ts';
import type { Digest } from '../image/types.ts';
import { collect, noteGarbage } from './collect.ts';
import { idsOf, listImages, type StoredImage } from './images.ts';
import type { Store } from './layout.ts';
import { type Ref, updateRefs } from './refs.ts';
import { type Resolved, resolveImage } from './resolve.ts';

export interface RemoveOptions {
  store: Store;
  driver: StorageDriver;
  /** What the user typed. */
  image: string;
  /** Takes all names away from an image that is named by ID, and names of images that containers use. */
  force?: boolean;
  /** Image ID -> the ID of a container that uses it. */
  inUse: ReadonlyMap<Digest, string>;
}

/** What was done, in docker's order and words. */
export type Removal = { untagged: string } | { deleted: string };

/**
 * `docker rmi`: takes the name away and, with the last one, removes the image and all that nothing else needs. By ID an
 * image with several names is refused unless forced. An image that a container uses keeps its content in any case.
 * Throws IMAGE_NOT_FOUND, AMBIGUOUS_ID, IMAGE_IN_USE, IMAGE_HAS_NAMES.
 */
export async function removeImage(options: RemoveOptions): Promise<Removal[]> {
  const { store, driver, image: text } = options;
  const damaged = await removeDamaged(options);
  if (damaged !== undefined) return damaged;
  const resolved = await resolveImage(store, text);
  const names = resolved.reference === undefined ? resolved.found.references : [resolved.reference];
  const gone = withoutNames(resolved, names);
  if (resolved.reference === undefined) checkNames(resolved.found, options);
  const user = userOf(gone, options);
  if (user !== undefined && (!options.force || names.length === 0)) throw inUse(options, user);
  const last = gone.length > 0 && user === undefined;
  if (last) await noteGarbage(store);
  await dropNames(store, resolved, { names, keep: user !== undefined });
  const untagged = names.map((name) => ({ untagged: familiarName(parseReference(name)) }));
  if (!last) return untagged;
  return [...untagged, ...(await deleteContent(store, driver, gone))];
}

/** Of what nobody can read there is only the name, or the digest, to take away. */
async function removeDamaged({ store, driver, image }: RemoveOptions): Promise<Removal[] | undefined> {
  const { damaged } = await listImages(store);
  if (damaged.length === 0) return undefined;
  const name = nameOf(image);
  const gone = damaged.find(
    ({ ref }) => ref.name === name || (ref.name === undefined && isDigestOf(image, ref)),
  )?.ref;
  if (gone === undefined) return undefined;
  await noteGarbage(store);
  await updateRefs(store, (refs) =>
    refs.filter((ref) => ref.name !== gone.name || ref.descriptor.digest !== gone.descriptor.digest),
  );
  await collect(store, driver);
  return gone.name === undefined
    ? [{ deleted: gone.descriptor.digest }]
    : [{ untagged: familiarName(parseReference(gone.name)) }];
}

function nameOf(text: string): string | undefined {
  try {
    return formatReference(parseReference(text));
  } catch (error) {
    if (hasCode(error, 'INVALID_REFERENCE')) return undefined;
    throw error;
  }
}

function isDigestOf(text: string, { descriptor }: Ref): boolean {
  return (
    text.length >= 12 && (descriptor.digest.startsWith(text) || hexOf(descriptor.digest).startsWith(text))
  );
}

/** Those of the images that the text stands for that nothing else names: of several platforms it may be some. */
function withoutNames({ all }: Resolved, names: string[]): StoredImage[] {
  return all.filter(({ references }) => references.every((name) => names.includes(name)));
}

function checkNames({ image, references }: StoredImage, { force }: RemoveOptions): void {
  if (force || references.length <= 1) return;
  const names = references.map((name) => familiarName(parseReference(name))).join(', ');
  throw new ConflictError('IMAGE_HAS_NAMES', `image ${shortOf(image.id)} has several names: ${names}`, {
    hint: 'remove it by each of its names, or all at once with -f',
  });
}

function userOf(images: StoredImage[], { inUse }: RemoveOptions): string | undefined {
  return images
    .flatMap(idsOf)
    .map((id) => inUse.get(id as Digest))
    .find((container) => container !== undefined);
}

function inUse({ image, force }: RemoveOptions, container: string): ConflictError {
  const hint = `remove the container first: gocker rm ${container.slice(0, 12)}`;
  return new ConflictError('IMAGE_IN_USE', `image ${image} is used by container ${container.slice(0, 12)}`, {
    hint: force ? hint : `${hint}; -f takes only the name away`,
  });
}

/** With `keep` the image stays in the index, without a name. */
async function dropNames(
  store: Store,
  { all }: Resolved,
  { names, keep }: { names: string[]; keep: boolean },
): Promise<void> {
  const tops = new Set(all.flatMap((image) => image.tops.map((top) => top.digest)));
  await updateRefs(store, (refs) => {
    const left = refs.filter(({ name, descriptor }) =>
      name === undefined ? keep || !tops.has(descriptor.digest) : !names.includes(name),
    );
    const lost = refs.filter(
      ({ descriptor }) => tops.has(descriptor.digest) && !has(left, descriptor.digest),
    );
    return keep && lost[0] !== undefined ? [...left, { descriptor: lost[0].descriptor }] : left;
  });
}

function has(refs: { descriptor: { digest: Digest } }[], digest: Digest): boolean {
  return refs.some(({ descriptor }) => descriptor.digest === digest);
}

/** Nothing leads to the content any more; while a pull runs, which may be about to name it, it stays for now. */
async function deleteContent(store: Store, driver: StorageDriver, gone: StoredImage[]): Promise<Removal[]> {
  const collected = await collect(store, driver);
  const ids = new Set(gone.map(({ image }) => image.id));
  return [...ids, ...(collected?.snapshots ?? [])].map((deleted) => ({ deleted }));
}
