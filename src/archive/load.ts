import { randomBytes } from 'node:crypto';
import type { StorageDriver } from '../driver/index.ts';
import type { Digest, Image } from '../image/types.ts';
import { putBlob } from '../store/blobs.ts';
import { closureOf } from '../store/closure.ts';
import { collect, noteGarbage } from '../store/collect.ts';
import { listImages } from '../store/images.ts';
import { markPull } from '../store/ingest.ts';
import type { Store } from '../store/layout.ts';
import { keepRef, setRef } from '../store/refs.ts';
import { forgetUnfinished, keepUnfinished } from '../store/unfinished.ts';
import { readDockerArchive } from './docker-archive.ts';
import { failureOf, invalidArchive } from './error.ts';
import { adoptFile, createStaging, type Staging } from './files.ts';
import type { ArchivedTop, Incoming } from './incoming.ts';
import { readNamedLayout } from './named-layout.ts';
import { type ArchiveInput, openArchive } from './open.ts';
import { imageToUnpack } from './unpacked.ts';
import { walkArchive } from './walk.ts';

export interface LoadOptions {
  store: Store;
  driver: StorageDriver;
  input: ArchiveInput;
  /** What the input is called in messages. */
  label: string;
  /** Makes an image of the store one that containers can stand on. */
  unpack(image: Image): Promise<void>;
  /** Called for each image when all of it is there. */
  onLoaded?(loaded: LoadedImage): void;
}

export interface LoadedImage {
  /** Of this machine's platform where there are several. */
  id: Digest;
  /** As `formatReference` writes them. */
  names: string[];
  /** Those of them that stood for another image before, and that image's ID. */
  replaced: { name: string; id: Digest }[];
}

/**
 * `docker load`: takes in the images of an archive or folder: an OCI image layout, or what `docker save` writes. Each byte
 * is verified before a name leads to it, digests stay. All errors are GockerErrors that name the input; images before the
 * one that fails stay.
 */
export async function loadImages(options: LoadOptions): Promise<LoadedImage[]> {
  const { store } = options;
  try {
    return await whileMarked(options, async (staging) => {
      const incoming = await readIncoming(options, staging);
      const loaded: LoadedImage[] = [];
      for (const top of incoming.tops) loaded.push(await bring(options, incoming, top));
      return loaded;
    });
  } catch (error) {
    throw failureOf(error, { cannot: `cannot load ${options.label}`, root: store.root });
  }
}

/**
 * What came of an image that never became whole goes at once: it is on the disk elsewhere. Since nothing leads to it before
 * the end, the garbage that it is after a kill is noted before it comes.
 */
export async function whileMarked<R>(
  { store, driver }: Pick<LoadOptions, 'store' | 'driver'>,
  work: (staging: Staging) => Promise<R>,
): Promise<R> {
  const mark = await markPull(store);
  const staging = createStaging(store, randomBytes(6).toString('hex'));
  try {
    await noteGarbage(store);
    return await work(staging);
  } finally {
    staging.clear();
    mark.done();
    await collect(store, driver).catch(() => undefined);
  }
}

async function readIncoming({ store, input }: LoadOptions, staging: Staging): Promise<Incoming> {
  const files = await openArchive(store, staging, input);
  const incoming = (await readNamedLayout(files)) ?? (await readDockerArchive(files));
  if (incoming === undefined) {
    throw invalidArchive(
      'it has neither an index.json nor a manifest.json',
      'load takes what save writes; a file system becomes an image with gocker import',
    );
  }
  if (incoming.tops.length === 0) throw invalidArchive('there is no image in it');
  return incoming;
}

/** The name comes last of all. */
async function bring(options: LoadOptions, incoming: Incoming, top: ArchivedTop): Promise<LoadedImage> {
  const known = top.id && (await findWhole(options.store, top.id));
  if (known === undefined) return await bringNew(options, incoming, top);
  await options.unpack(known);
  return await name(options, { ...top, descriptor: known.manifest }, known);
}

async function bringNew(options: LoadOptions, incoming: Incoming, top: ArchivedTop): Promise<LoadedImage> {
  const { store } = options;
  const { documents, files } = await walkArchive(store, incoming, top.descriptor);
  for (const file of files) await adoptFile(store, file);
  const image = imageToUnpack(store, documents);
  await keepUnfinished(store, image);
  try {
    await options.unpack(image);
    for (const { bytes } of documents) await putBlob(store, bytes);
    return await name(options, top, image);
  } finally {
    forgetUnfinished(store, image);
  }
}

/** The same image with all its blobs, whatever manifest it came with: its layers unpack to the same. */
async function findWhole(store: Store, id: Digest): Promise<Image | undefined> {
  const { images } = await listImages(store);
  const isWhole = ({ manifest }: Image) => closureOf(store, manifest).missing.length === 0;
  return images.map(({ image }) => image).find((image) => image.id === id && isWhole(image));
}

async function name(
  { store, onLoaded }: LoadOptions,
  { descriptor, names }: ArchivedTop,
  { id }: Image,
): Promise<LoadedImage> {
  const replaced = await replacedBy(store, names, id);
  for (const one of names) await setRef(store, one, descriptor);
  if (names.length === 0) await keepRef(store, descriptor);
  const loaded = { id, names, replaced };
  onLoaded?.(loaded);
  return loaded;
}

async function replacedBy(store: Store, names: string[], id: Digest): Promise<LoadedImage['replaced']> {
  const { images } = await listImages(store);
  const others = images.filter(({ image }) => image.id !== id);
  const lost = (one: string) => others.find(({ references }) => references.includes(one));
  return names.flatMap((one) => {
    const other = lost(one);
    return other === undefined ? [] : [{ name: one, id: other.image.id }];
  });
}
