// Writes an OCI image layout (image-layout.md of the OCI image spec): for the quickstart's own image and for tests.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const OCI = 'application/vnd.oci.image';
export const MEDIA_TYPE = {
  index: `${OCI}.index.v1+json`,
  manifest: `${OCI}.manifest.v1+json`,
  config: `${OCI}.config.v1+json`,
};

/** How a layer's archive becomes its blob. */
const COMPRESSORS = {
  gzip: { mediaType: `${OCI}.layer.v1.tar+gzip`, compress: (tar, level) => gzipSync(tar, { level }) },
  zstd: {
    mediaType: `${OCI}.layer.v1.tar+zstd`,
    compress: (tar) => execFileSync('zstd', ['-q', '-c'], { input: tar, maxBuffer: 2 ** 31 }),
  },
  none: { mediaType: `${OCI}.layer.v1.tar`, compress: (tar) => tar },
};

/**
 * What a reader needs to fetch a blob (descriptor.md).
 * @typedef {{mediaType: string, digest: string, size: number, platform?: Platform}} Descriptor
 * @typedef {{os: string, architecture: string, variant?: string}} Platform
 * @typedef {{Env?: string[], Cmd?: string[], Entrypoint?: string[], User?: string, WorkingDir?: string,
 *   StopSignal?: string, Labels?: Record<string, string>}} Config
 */

/** @param {Buffer} bytes */
export function digestOf(bytes) {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * Stores `bytes` under their digest in the layout `directory`, which is made when it is not there.
 * @param {string} directory
 * @param {string} mediaType
 * @param {Buffer} bytes
 * @returns {Descriptor}
 */
export function addBlob(directory, mediaType, bytes) {
  const digest = digestOf(bytes);
  mkdirSync(join(directory, 'blobs/sha256'), { recursive: true });
  writeFileSync(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(directory, 'blobs', digest.replace(':', '/')), bytes);
  return { mediaType, digest, size: bytes.length };
}

const json = (value) => Buffer.from(JSON.stringify(value));

/**
 * Adds an image of uncompressed layer archives (file names, lowest first).
 * @param {string} directory
 * @param {{layers: string[], platform: Platform, config?: Config,
 *   compression?: keyof typeof COMPRESSORS, level?: number}} image level: gzip's, 1 for the quickest
 * @returns {Descriptor} its manifest's
 */
export function addImage(directory, image) {
  const { layers, platform, config = {}, compression = 'gzip', level = 1 } = image;
  const tars = layers.map((file) => readFileSync(file));
  const { mediaType, compress } = COMPRESSORS[compression];
  const body = {
    created: '2024-01-01T00:00:00Z',
    ...platform,
    config,
    rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
    history: layers.map((_, index) => ({ created_by: `layer ${index}` })),
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    config: addBlob(directory, MEDIA_TYPE.config, json(body)),
    layers: tars.map((tar) => addBlob(directory, mediaType, compress(tar, level))),
  };
  return { ...addBlob(directory, MEDIA_TYPE.manifest, json(manifest)), platform };
}

/**
 * Adds an index that offers several images, one for each platform.
 * @param {string} directory
 * @param {Descriptor[]} manifests
 * @returns {Descriptor}
 */
export function addIndex(directory, manifests) {
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests };
  return addBlob(directory, MEDIA_TYPE.index, json(index));
}

/**
 * Names a manifest or index in the layout's index.json, as `skopeo copy oci:DIRECTORY:NAME` finds it.
 * @param {string} directory
 * @param {string} name
 * @param {Descriptor} descriptor
 */
export function tag(directory, name, descriptor) {
  const file = join(directory, 'index.json');
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).manifests : [];
  const annotations = { 'org.opencontainers.image.ref.name': name };
  const others = before.filter((one) => one.annotations?.['org.opencontainers.image.ref.name'] !== name);
  const manifests = [...others, { ...descriptor, annotations }];
  writeFileSync(file, JSON.stringify({ schemaVersion: 2, manifests }));
}
