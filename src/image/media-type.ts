/** The media types of images: OCI image spec "media-types.md", and docker's "Image Manifest V 2, Schema 2". */
export const MEDIA_TYPE = {
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
} as const;

/** What a registry is asked for; the order says what is liked best where one has both. */
export const ACCEPTED_MANIFESTS = [
  MEDIA_TYPE.dockerManifest,
  MEDIA_TYPE.dockerIndex,
  MEDIA_TYPE.ociManifest,
  MEDIA_TYPE.ociIndex,
] as const;

export type Compression = 'none' | 'gzip' | 'zstd';

const LAYER =
  /^application\/vnd\.(?:oci\.image\.layer\.(?:nondistributable\.)?v1\.tar|docker\.image\.rootfs\.(?:foreign\.)?diff\.tar)(?:[+.](gzip|zstd))?$/;

/** `type/subtype` in lower case, without parameters, of a Content-Type header; empty when there is none. */
export function baseMediaType(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
}

export function isManifestType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPE.ociManifest || mediaType === MEDIA_TYPE.dockerManifest;
}

export function isIndexType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPE.ociIndex || mediaType === MEDIA_TYPE.dockerIndex;
}

/** docker's manifests of before 2016, which name no config and carry their own signatures. */
export function isSchema1Type(mediaType: string): boolean {
  return /^application\/vnd\.docker\.distribution\.manifest\.v1\+(?:json|prettyjws)$/.test(mediaType);
}

export function isConfigType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPE.ociConfig || mediaType === MEDIA_TYPE.dockerConfig;
}

/** The OCI name of the same kind of layer: the bytes are no others. */
export function ociLayerType(mediaType: string): string {
  const compression = layerCompression(mediaType) ?? 'none';
  return compression === 'none' ? MEDIA_TYPE.ociLayer : `${MEDIA_TYPE.ociLayer}+${compression}`;
}

/** How a layer of this type is packed; undefined when it is no type of a layer at all. */
export function layerCompression(mediaType: string): Compression | undefined {
  const match = LAYER.exec(mediaType);
  return match === null ? undefined : ((match[1] ?? 'none') as Compression);
}
