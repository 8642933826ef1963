import { listContainers } from '../container/list.ts';
import { imagesOfContainer } from '../container/volumes/images.ts';
import type { StorageDriver } from '../driver/index.ts';
import { EXIT, hasCode, NotFoundError } from '../errors.ts';
import { parsePlatform } from '../image/platform.ts';
import { noSuch } from '../image/printable.ts';
import {
  familiarName,
  familiarRepository,
  formatReference,
  parseReference,
  type Reference,
} from '../image/reference.ts';
import type { Digest, Image } from '../image/types.ts';
import { imageSize, isUnpacked, listImages, type StoredImage } from '../store/images.ts';
import { type Removal, removeImage } from '../store/remove.ts';
import { resolveImage } from '../store/resolve.ts';
import { lockUse } from '../store/use.ts';
import { describeImage, type ImageInspection } from './describe-image.ts';
import type { Parts } from './parts.ts';

/** One name of an image, or an image without a name. */
export interface ImageSummary {
  id: Digest;
  /** As docker shows it: `alpine`, `HOST/NAME`. */
  repository?: string;
  tag?: string;
  /** Of what the name stands for in its registry. */
  digest?: Digest;
  /** ISO 8601, when the image says. */
  created?: string;
  /** Bytes, unpacked. */
  size: number;
}

export interface LayerSummary {
  digest: Digest;
  diffID: Digest;
  mediaType: string;
  /** Bytes, as it travels. */
  size: number;
}

export interface RemovedImage {
  /** Names that are gone, as docker shows them. */
  untagged: string[];
  /** Image IDs and chainIDs that are gone. */
  deleted: string[];
}

/** All names of all images, newest image first; only those of `filter`, a `NAME` or `NAME:TAG`, when given. */
export async function summarise(parts: Parts, filter?: string): Promise<ImageSummary[]> {
  const { images, damaged } = await listImages(await parts.store());
  for (const { ref, error } of damaged)
    parts.log(`warning: image ${ref.name ?? ref.descriptor.digest}: ${error.message}`);
  const wanted = filter === undefined ? undefined : parseReference(filter);
  const hasTag = wanted !== undefined && familiarRepository(wanted) !== filter;
  const rows = images.flatMap((stored) => names(stored).map((reference) => ({ stored, reference })));
  const chosen = rows.filter(({ reference }) => wanted === undefined || fits(reference, wanted, hasTag));
  const driver = await parts.storage();
  const shown = await withoutPacked(chosen, driver);
  const summaries = await Promise.all(shown.map((row) => summary(row, driver)));
  return summaries.sort((a, b) => (b.created ?? '').localeCompare(a.created ?? ''));
}

interface Row {
  stored: StoredImage;
  reference: Reference | undefined;
}

/** Of the platforms under one name those that are unpacked or, when none is, all of them. */
async function withoutPacked(rows: Row[], driver: StorageDriver): Promise<Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = row.reference ? formatReference(row.reference) : row.stored.tops[0]!.digest;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const kept = await Promise.all(
    [...groups.values()].map(async (group) => {
      if (group.length === 1) return group;
      const unpacked = await Promise.all(group.map(({ stored }) => isUnpacked(driver, stored.image)));
      return unpacked.includes(true) ? group.filter((_, at) => unpacked[at]) : group;
    }),
  );
  return kept.flat();
}

function names({ references }: StoredImage): (Reference | undefined)[] {
  return references.length === 0 ? [undefined] : references.map(parseReference);
}

function fits(reference: Reference | undefined, wanted: Reference, exactly: boolean): boolean {
  if (reference === undefined) return false;
  if (exactly) return formatReference(reference) === formatReference(wanted);
  return familiarRepository(reference) === familiarRepository(wanted);
}

async function summary(
  { stored: { image, tops, named }, reference }: Row,
  driver: StorageDriver,
): Promise<ImageSummary> {
  const top = reference === undefined ? tops[0] : named.get(formatReference(reference));
  const digest = top?.digest;
  return {
    id: image.id,
    ...(reference && { repository: familiarRepository(reference) }),
    ...(reference?.tag !== undefined && { tag: reference.tag }),
    ...(digest !== undefined && { digest }),
    ...(image.config.created !== undefined && { created: image.config.created }),
    size: await imageSize(driver, image),
  };
}

/** Throws IMAGE_NOT_FOUND, AMBIGUOUS_ID. */
export async function layersOf(parts: Parts, text: string): Promise<LayerSummary[]> {
  const { found } = await resolveImage(await parts.store(), text);
  return found.image.layers.map(({ digest, mediaType, size }, index) => ({
    digest,
    diffID: found.image.config.diffIDs[index]!,
    mediaType,
    size,
  }));
}

/** Throws IMAGE_NOT_FOUND, AMBIGUOUS_ID. */
export async function inspectImage(parts: Parts, text: string, platform?: string): Promise<ImageInspection> {
  const wanted = platform === undefined ? undefined : parsePlatform(platform);
  const { found } = await resolveImage(await parts.store(), text, wanted);
  const { image, named } = found;
  const parsed = [...named.keys()].map(parseReference);
  const digests = [...named].map(
    ([name, { digest }]) => `${familiarRepository(parseReference(name))}@${digest}`,
  );
  return describeImage(image, {
    tags: parsed.filter(({ digest }) => digest === undefined).map(familiarName),
    digests: [...new Set(digests)],
    size: await imageSize(await parts.storage(), image),
    driver: await parts.storageDriver(),
  });
}

/** Throws IMAGE_NOT_FOUND, AMBIGUOUS_ID, IMAGE_IN_USE, IMAGE_HAS_NAMES. */
export async function removeOne(
  parts: Parts,
  image: string,
  options: { force?: boolean },
): Promise<RemovedImage> {
  const store = await parts.store();
  const driver = await parts.storage();
  const lock = await lockUse(store);
  let removals: Removal[];
  try {
    const { containers } = await listContainers(parts.containers);
    const inUse = new Map(
      containers.flatMap(({ id, config }) => imagesOfContainer(config).map((used) => [used, id])),
    );
    removals = await removeImage({ store, driver, image, force: options.force ?? false, inUse });
  } finally {
    lock.release();
  }
  return {
    untagged: removals.flatMap((removal) => ('untagged' in removal ? [removal.untagged] : [])),
    deleted: removals.flatMap((removal) => ('deleted' in removal ? [removal.deleted] : [])),
  };
}

/** The image in the store, or undefined. Throws AMBIGUOUS_ID. */
export async function findImage(
  parts: Parts,
  text: string,
  platform?: Parameters<typeof resolveImage>[2],
): Promise<Image | undefined> {
  try {
    return (await resolveImage(await parts.store(), text, platform)).found.image;
  } catch (error) {
    if (hasCode(error, 'IMAGE_NOT_FOUND')) return undefined;
    throw error;
  }
}

/** For `run --pull never`. */
export function notHere(text: string): NotFoundError {
  return new NotFoundError('IMAGE_NOT_FOUND', noSuch('image', text), {
    hint: 'pull it, or leave out --pull never',
    exitCode: EXIT.ENGINE,
  });
}
