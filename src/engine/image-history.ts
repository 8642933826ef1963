import { shortOf } from '../image/digest.ts';
import { familiarName, parseReference } from '../image/reference.ts';
import type { ChainID, Digest, Image } from '../image/types.ts';
import { layerSize, listImages, type StoredImage } from '../store/images.ts';
import { resolveImage } from '../store/resolve.ts';
import type { Parts } from './parts.ts';

/** One step of an image's making. */
export interface HistoryEntry {
  /** The image ID; of the last step alone, as nobody knows those of the others. */
  id?: Digest;
  /** ISO 8601. */
  created?: string;
  createdBy: string;
  /** Bytes, unpacked. */
  size: number;
  comment: string;
}

/** The last step first. Throws IMAGE_NOT_FOUND, AMBIGUOUS_ID. */
export async function historyOf(parts: Parts, text: string): Promise<HistoryEntry[]> {
  const { image } = (await resolveImage(await parts.store(), text)).found;
  const sizes = await sizesOf(parts, image);
  const entries: HistoryEntry[] = stepsOf(image).map(
    ({ created, created_by: createdBy = '', comment = '', empty_layer: isEmpty }) => ({
      ...(created !== undefined && { created }),
      createdBy,
      size: isEmpty ? 0 : (sizes.shift() ?? 0),
      comment,
    }),
  );
  return entries.reverse().map((entry, at) => (at === 0 ? { id: image.id, ...entry } : entry));
}

/** One with layers has made them somehow, even if it does not say. */
function stepsOf({ config: { history }, layers }: Image): Image['config']['history'] {
  return history.length > 0 ? history : layers.map(() => ({}));
}

async function sizesOf(parts: Parts, image: Image): Promise<number[]> {
  const driver = await parts.storage();
  return await Promise.all(image.layers.map((_, at) => layerSize(driver, image, at)));
}

/** A layer of an image, and who else has it. */
export interface TreeLayer {
  digest: Digest;
  diffID: Digest;
  chainID: ChainID;
  /** Bytes, unpacked. */
  size: number;
  /** Names, or short IDs, of the images that end with it. */
  topOf: string[];
  /** Of other images that go on from it. */
  sharedWith: string[];
}

export interface ImageTree {
  id: Digest;
  tags: string[];
  /** Bytes of all layers. */
  size: number;
  /** Bytes of those that no other image has. */
  uniqueSize: number;
  /** Bottom first. */
  layers: TreeLayer[];
}

/** What an image is stacked of, and with whom it shares it. Throws IMAGE_NOT_FOUND, AMBIGUOUS_ID. */
export async function treeOf(parts: Parts, text: string): Promise<ImageTree> {
  const store = await parts.store();
  const { found } = await resolveImage(store, text);
  const { image } = found;
  const { images } = await listImages(store);
  const others = images.filter((other) => other.image.id !== image.id);
  const sizes = await sizesOf(parts, image);
  const layers = image.layers.map(({ digest }, at): TreeLayer => {
    const [chainID, diffID] = [image.chainIDs[at]!, image.config.diffIDs[at]!];
    const isTop = (one: StoredImage) => one.image.chainIDs.at(-1) === chainID;
    const goesOn = (one: StoredImage) => !isTop(one) && one.image.chainIDs.includes(chainID);
    return {
      ...{ digest, diffID, chainID, size: sizes[at]! },
      topOf: images.filter(isTop).flatMap(namesOf),
      sharedWith: others.filter(goesOn).flatMap(namesOf),
    };
  });
  const own = layers.filter(({ chainID }) => !others.some((one) => one.image.chainIDs.includes(chainID)));
  const sum = (some: TreeLayer[]) => some.reduce((total, { size }) => total + size, 0);
  return { id: image.id, tags: namesOf(found), size: sum(layers), uniqueSize: sum(own), layers };
}

function namesOf({ image, references }: StoredImage): string[] {
  if (references.length === 0) return [shortOf(image.id)];
  return references.map((name) => familiarName(parseReference(name)));
}
