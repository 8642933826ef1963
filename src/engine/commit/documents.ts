import type { Container, FrozenLayer } from '../../container/schema.ts';
import { chainIDs } from '../../image/chain-id.ts';
import { deferredLayer } from '../../image/deferred.ts';
import { MEDIA_TYPE, ociLayerType } from '../../image/media-type.ts';
import type { ChainID, Descriptor, Digest, Image, ImageConfig, ImageRunConfig } from '../../image/types.ts';
import { putBlob } from '../../store/blobs.ts';
import { nameSnapshot, snapshotNames } from '../../store/deferred.ts';
import type { Store } from '../../store/layout.ts';

/** What a commit says of itself. */
export interface Saying {
  message?: string;
  author?: string;
  created: Date;
  run: ImageRunConfig;
}

export interface NewImage {
  base: Image;
  container: Container;
  layers: FrozenLayer[];
  saying: Saying;
}

/** Stores config and manifest of an image on top of another one; its layers' own digests are for later. */
export async function writeImage(
  store: Store,
  image: NewImage,
): Promise<{ id: Digest; manifest: Descriptor }> {
  const { base, layers } = image;
  const added = layers.map(({ digest }) => digest as Digest);
  const config = configOf(image, added);
  await nameSnapshots(store, config.diffIDs, [
    ...base.chainIDs,
    ...layers.map(({ name }) => name as ChainID),
  ]);
  return await writeDocuments(store, config, [...base.layers, ...added.map(deferredLayer)]);
}

/** Where a snapshot does not have the name that the diffIDs give it, that is written down. */
export async function nameSnapshots(store: Store, diffIDs: Digest[], names: ChainID[]): Promise<void> {
  const known = snapshotNames(store, diffIDs);
  for (const [at, chainID] of chainIDs(diffIDs).entries()) {
    if (known[at] !== names[at]) await nameSnapshot(store, chainID, names[at]!);
  }
}

function configOf({ base, container, saying }: NewImage, added: Digest[]): ImageConfig {
  const created = saying.created.toISOString();
  const created_by = container.config.process.args.join(' ');
  const earlier = added
    .slice(1)
    .map(() => ({ created, created_by, comment: 'an earlier state of the container' }));
  const own = { created, created_by, ...(saying.message ? { comment: saying.message } : {}) };
  return {
    ...base.config,
    created,
    ...(saying.author ? { author: saying.author } : {}),
    config: saying.run,
    diffIDs: [...base.config.diffIDs, ...added],
    history: [...base.config.history, ...earlier, own],
  };
}

/** The documents of an image as OCI writes them; the manifest last, which says that all is there. */
export async function writeDocuments(
  store: Store,
  config: ImageConfig,
  layers: Descriptor[],
): Promise<{ id: Digest; manifest: Descriptor }> {
  const own = await put(store, MEDIA_TYPE.ociConfig, wireConfig(config));
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociManifest,
    config: own,
    layers: layers.map((layer) => ({ ...layer, mediaType: ociLayerType(layer.mediaType) })),
  };
  return { id: own.digest, manifest: await put(store, MEDIA_TYPE.ociManifest, manifest) };
}

async function put(store: Store, mediaType: string, document: object): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(document));
  return { mediaType, digest: await putBlob(store, bytes), size: bytes.length };
}

/** OCI config.md. */
function wireConfig({ platform, diffIDs, ...rest }: ImageConfig): object {
  return { ...platform, ...rest, rootfs: { type: 'layers', diff_ids: diffIDs } };
}
