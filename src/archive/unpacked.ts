import { hasCode } from '../errors.ts';
import { checkLayerCount, parseImageConfig } from '../image/config.ts';
import { parseManifest } from '../image/manifest.ts';
import { isManifestType } from '../image/media-type.ts';
import { formatPlatform, hostPlatform, normalise, runsOn } from '../image/platform.ts';
import type { Image } from '../image/types.ts';
import { readBlob } from '../store/blobs.ts';
import type { StoredDocument } from '../store/closure.ts';
import { snapshotNames } from '../store/deferred.ts';
import type { Store } from '../store/layout.ts';
import { invalidArchive } from './error.ts';

/**
 * Of the images among the documents the one of this machine's platform, else the first; their configs are in the store.
 * Throws INVALID_ARCHIVE when there is none, and what the parsers throw.
 */
export function imageToUnpack(store: Store, documents: StoredDocument[]): Image {
  const images = documents.flatMap((document) => imageOf(store, document, documents.length === 1));
  const host = hostPlatform();
  const isExact = ({ config }: Image) =>
    formatPlatform(normalise(config.platform)) === formatPlatform(normalise(host));
  const chosen =
    images.find(isExact) ?? images.find(({ config }) => runsOn(config.platform, host)) ?? images[0];
  if (chosen !== undefined) return chosen;
  throw invalidArchive('what it names is no container image', 'use the tool that made it');
}

/** An index may name attestations and other artifacts, which nobody runs. */
function imageOf(store: Store, { descriptor, bytes }: StoredDocument, isAlone: boolean): Image[] {
  if (!isManifestType(descriptor.mediaType)) return [];
  try {
    const manifest = parseManifest(bytes, descriptor.mediaType);
    const config = parseImageConfig(readBlob(store, manifest.config.digest));
    checkLayerCount(config, manifest);
    const id = manifest.config.digest;
    const chainIDs = snapshotNames(store, config.diffIDs);
    return [{ id, manifest: descriptor, config, layers: manifest.layers, chainIDs }];
  } catch (error) {
    if (!isAlone && hasCode(error, 'UNSUPPORTED_MEDIA_TYPE')) return [];
    throw error;
  }
}
