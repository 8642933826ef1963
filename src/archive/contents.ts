import { NotFoundError } from '../errors.ts';
import { hexOf } from '../image/digest.ts';
import { MEDIA_TYPE } from '../image/media-type.ts';
import type { Descriptor, Image } from '../image/types.ts';
import { closureOf } from '../store/closure.ts';
import type { Store } from '../store/layout.ts';
import { blobName } from './incoming.ts';
import { IMAGE_NAME, REF_NAME } from './oci-layout.ts';

/** What is to be saved. */
export interface SavedImage {
  /** A manifest, or an index all of which is in the store. */
  top: Descriptor;
  /** What docker sees of it. */
  image: Image;
  /** As `formatReference` writes them, none with a digest. */
  names: string[];
}

/** A file of the layout: its bytes, or a blob of the store. */
export type LayoutFile = { name: string } & ({ bytes: Buffer } | { blob: Descriptor });

/**
 * An OCI image layout of the images, with docker's manifest.json beside its index.json, so that either can be read. The
 * same images make the same files in the same order. Throws BLOB_NOT_FOUND, and what `closureOf` throws.
 */
export function layoutOf(store: Store, images: readonly SavedImage[]): LayoutFile[] {
  return [
    { name: 'oci-layout', bytes: json({ imageLayoutVersion: '1.0.0' }) },
    { name: 'index.json', bytes: json(indexOf(images)) },
    { name: 'manifest.json', bytes: json(images.map(dockerEntry)) },
    ...blobsOf(store, images).map((blob) => ({ name: blobName(blob.digest), blob })),
  ];
}

function indexOf(images: readonly SavedImage[]): object {
  const manifests = images.flatMap(({ top, names }) =>
    names.length === 0 ? [top] : names.map((name) => ({ ...top, annotations: annotationsFor(top, name) })),
  );
  return { schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests };
}

function annotationsFor({ annotations }: Descriptor, name: string): Record<string, string> {
  return { ...annotations, [IMAGE_NAME]: name, [REF_NAME]: name };
}

/** docker's image/spec, "Combined Image JSON + Filesystem Changeset Format". Whole names: podman takes short ones for its own. */
function dockerEntry({ image, names }: SavedImage): object {
  return {
    Config: blobName(image.id),
    RepoTags: names.length === 0 ? null : names,
    Layers: image.layers.map(({ digest }) => blobName(digest)),
  };
}

/** Each once, by their digests. */
function blobsOf(store: Store, images: readonly SavedImage[]): Descriptor[] {
  const all = images.flatMap(({ top }) => {
    const { documents, blobs, missing } = closureOf(store, top);
    if (missing[0] !== undefined) throw notHere(missing[0]);
    return [...documents.map(({ descriptor }) => descriptor), ...blobs];
  });
  const each = new Map(all.map((blob) => [blob.digest, blob]));
  return [...each.values()].sort((one, other) => (hexOf(one.digest) < hexOf(other.digest) ? -1 : 1));
}

/** An archive without it would be no image, and nobody would know before it is loaded. */
function notHere({ digest }: Descriptor): NotFoundError {
  return new NotFoundError('BLOB_NOT_FOUND', `blob ${digest} is not in the store`, {
    hint: 'pull the image again, or mend it with: gocker image verify --repair',
  });
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
