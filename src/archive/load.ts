import { randomBytes } from 'node:crypto';
import type { StorageDriver } from '../driver/index.ts';
import type { Digest, Image } from '../image/types.ts';
import { putBlob } from '../store/blobs.ts';
import { collect } from '../store/collect.ts';
import { toldOf } from '../store/failure.ts';
import { markPull } from '../store/ingest.ts';
import type { Store } from '../store/layout.ts';
import { keepRef, readRefs, setRef } from '../store/refs.ts';
import { forgetUnfinished, keepUnfinished } from '../store/unfinished.ts';
import { readDockerArchive } from './docker-archive.ts';
import { invalidArchive } from './error.ts';
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
  /** Those of them that stood for another image before, and that image's manifest or index. */
  replaced: { name: string; digest: Digest }[];
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
    throw toldOf(error, { cannot: `cannot load ${options.label}`, root: store.root });
  }
}

/** What came of an image that never became whole goes at once: it is on the disk elsewhere. */
export async function whileMarked<R>(
  { store, driver }: Pick<LoadOptions, 'store' | 'driver'>,
  work: (staging: Staging) => Promise<R>,
): Promise<R> {
  const mark = await markPull(store);
  const staging = createStaging(store, randomBytes(6).toString('hex'));
  let isDone = false;
  try {
    const result = await work(staging);
    isDone = true;
    return result;
  } finally {
    staging.clear();
    mark.done();
    if (!isDone) await collect(store, driver).catch(() => undefined);
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

/** The names last of all. */
async function bring(options: LoadOptions, incoming: Incoming, top: ArchivedTop): Promise<LoadedImage> {
  const { store } = options;
  const { descriptor, names } = top;
  const { documents, files } = await walkArchive(store, incoming, descriptor);
  for (const file of files) await adoptFile(store, file);
  const image = imageToUnpack(store, documents);
  await keepUnfinished(store, image);
  try {
    await options.unpack(image);
    for (const { bytes } of documents) await putBlob(store, bytes);
    const replaced = await replacedBy(store, top);
    for (const name of names) await setRef(store, name, descriptor);
    if (names.length === 0) await keepRef(store, descriptor);
    const loaded = { id: image.id, names, replaced };
    options.onLoaded?.(loaded);
    return loaded;
  } finally {
    forgetUnfinished(store, image);
  }
}

async function replacedBy(
  store: Store,
  { descriptor, names }: ArchivedTop,
): Promise<LoadedImage['replaced']> {
  return (await readRefs(store)).flatMap(({ name, descriptor: { digest } }) =>
    name !== undefined && names.includes(name) && digest !== descriptor.digest ? [{ name, digest }] : [],
  );
}
