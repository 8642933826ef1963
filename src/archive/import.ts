import { parseImageConfig } from '../image/config.ts';
import { MEDIA_TYPE } from '../image/media-type.ts';
import type { Descriptor, Digest, Image, ImageRunConfig, Platform } from '../image/types.ts';
import { digestOf, putBlob } from '../store/blobs.ts';
import { snapshotNames } from '../store/deferred.ts';
import { keepRef, setRef } from '../store/refs.ts';
import { forgetUnfinished, keepUnfinished } from '../store/unfinished.ts';
import { failureOf } from './error.ts';
import { adoptFile } from './files.ts';
import { type ImportedLayer, stageLayer } from './imported-layer.ts';
import { type LoadOptions, whileMarked } from './load.ts';

export interface ImportOptions extends Omit<LoadOptions, 'onLoaded'> {
  /** As `formatReference` writes it; none leaves the image without a name. */
  name?: string;
  config: ImageRunConfig;
  platform: Platform;
  /** For its history. */
  message: string;
  /** ISO 8601. */
  created: string;
}

/**
 * `docker import`: an image of one layer, which is a tar archive kept as it came, packed or not, or is made of a folder.
 * All errors are GockerErrors that name the input. Resolves to the image ID.
 */
export async function importImage(options: ImportOptions): Promise<Digest> {
  const { store, label } = options;
  try {
    return await whileMarked(options, async (staging) =>
      keepImage(options, await stageLayer(store, staging, options.input)),
    );
  } catch (error) {
    throw failureOf(error, { cannot: `cannot import ${label}`, root: store.root });
  }
}

/** The documents after what they name, the name last of all. */
async function keepImage(options: ImportOptions, layer: ImportedLayer): Promise<Digest> {
  const { store, name } = options;
  const configBytes = json(configOf(options, layer));
  const config = parseImageConfig(configBytes);
  await adoptFile(store, layer.file);
  const id = await putBlob(store, configBytes);
  const { digest, size } = layer.file;
  const layers = [{ mediaType: layer.mediaType, digest, size }];
  const manifestBytes = json(manifestOf({ id, size: configBytes.length }, layers));
  const mediaType = MEDIA_TYPE.ociManifest;
  const manifest = { mediaType, digest: digestOf(manifestBytes), size: manifestBytes.length };
  const image: Image = { id, manifest, config, layers, chainIDs: snapshotNames(store, [layer.diffID]) };
  await keepUnfinished(store, image);
  try {
    await options.unpack(image);
    await putBlob(store, manifestBytes);
    await (name === undefined ? keepRef(store, manifest) : setRef(store, name, manifest));
    return id;
  } finally {
    forgetUnfinished(store, image);
  }
}

function configOf({ config, platform, message, created }: ImportOptions, { diffID }: ImportedLayer): object {
  return {
    created,
    ...platform,
    config,
    rootfs: { type: 'layers', diff_ids: [diffID] },
    history: [{ created, comment: message }],
  };
}

function manifestOf(config: { id: Digest; size: number }, layers: Descriptor[]): object {
  return {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociManifest,
    config: { mediaType: MEDIA_TYPE.ociConfig, digest: config.id, size: config.size },
    layers,
  };
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
