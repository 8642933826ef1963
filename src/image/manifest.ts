import * as v from 'valibot';
import { GockerError } from '../errors.ts';
import { annotationsSchema, descriptorSchema, mediaTypeSchema } from './descriptor.ts';
import { check, nullFree, parseJSON, plainObject } from './json.ts';
import {
  isConfigType,
  isIndexType,
  isManifestType,
  isSchema1Type,
  layerCompression,
  MEDIA_TYPE,
} from './media-type.ts';
import { quoted } from './printable.ts';
import type { Index, Manifest } from './types.ts';

/** As docker's; overlayfs takes more, but every engine before us stops there. */
export const MAX_LAYERS = 127;

/** What docker 1.10 and some registries of its time wrote for the config (distribution#1621). */
const OLD_CONFIG_TYPES = ['application/octet-stream', 'application/json'];

const MALFORMED = 'the image is malformed; ask its publisher for a correct one';

const head = { schemaVersion: v.literal(2), mediaType: v.exactOptional(mediaTypeSchema) };

const manifestSchema = nullFree({
  ...head,
  config: descriptorSchema,
  layers: v.pipe(v.array(descriptorSchema), v.maxLength(MAX_LAYERS, `more than ${MAX_LAYERS} layers`)),
  annotations: v.exactOptional(annotationsSchema),
});

const indexSchema = nullFree({
  ...head,
  manifests: v.array(descriptorSchema),
  annotations: v.exactOptional(annotationsSchema),
});

/**
 * The manifest or index in `bytes`, as `mediaType` (the Content-Type it came with, or its descriptor's) says.
 * Throws INVALID_JSON, INVALID_MANIFEST or UNSUPPORTED_MEDIA_TYPE. A document that could pass for both is refused
 * (CVE-2021-41190), and so is one whose own `mediaType` disagrees (OCI manifest.md, image-index.md).
 */
export function parseManifestOrIndex(bytes: Uint8Array, mediaType: string): Manifest | Index {
  if (isIndexType(mediaType)) return parseIndex(bytes, mediaType);
  return parseManifest(bytes, mediaType);
}

/** True for what `parseManifestOrIndex` read as an index. */
export function isIndex(document: Manifest | Index): document is Index {
  return 'manifests' in document;
}

/** The image manifest in `bytes`; errors as `parseManifestOrIndex`. */
export function parseManifest(bytes: Uint8Array, mediaType: string): Manifest {
  if (!isManifestType(mediaType)) throw unsupported('manifest', mediaType);
  const document = open(bytes, mediaType, 'manifest');
  refuseKeys(document, ['manifests'], 'manifest');
  const { schemaVersion: _, ...manifest } = check(manifestSchema, document, about('manifest'));
  checkTypes(manifest.config.mediaType, mediaType, manifest.layers);
  return { ...manifest, mediaType };
}

/** The index in `bytes`; errors as `parseManifestOrIndex`. */
export function parseIndex(bytes: Uint8Array, mediaType: string): Index {
  if (!isIndexType(mediaType)) throw unsupported('index', mediaType);
  const document = open(bytes, mediaType, 'index');
  refuseKeys(document, ['config', 'layers'], 'index');
  const { schemaVersion: _, ...index } = check(indexSchema, document, about('index'));
  return { ...index, mediaType };
}

function open(bytes: Uint8Array, mediaType: string, what: string): Record<string, unknown> {
  const document = check(plainObject, parseJSON(bytes, what, MALFORMED), about(what));
  if (document.schemaVersion === 1) throw unsupported(what, 'schema version 1');
  refuseKeys(document, ['fsLayers', 'signatures'], what);
  const own = document.mediaType;
  if (typeof own === 'string' && own !== mediaType) {
    throw new GockerError(
      'INVALID_MANIFEST',
      `${what}: it says it is ${quoted(own)} but came as ${mediaType}`,
      { hint: MALFORMED },
    );
  }
  return document;
}

function refuseKeys(document: Record<string, unknown>, keys: string[], what: string): void {
  const key = keys.find((name) => Object.hasOwn(document, name));
  if (key === undefined) return;
  throw new GockerError('INVALID_MANIFEST', `${what}: ambiguous, it has ${quoted(key)} too`, {
    hint: 'other tools may read another image out of it; ask its publisher for a correct one',
  });
}

function checkTypes(config: string, mediaType: string, layers: Manifest['layers']): void {
  const old = mediaType === MEDIA_TYPE.dockerManifest && OLD_CONFIG_TYPES.includes(config);
  if (!isConfigType(config) && !old) {
    throw new GockerError(
      'UNSUPPORTED_MEDIA_TYPE',
      `not a container image: its config is ${quoted(config)}`,
      {
        hint: 'this is an artifact of another kind (a chart, a signature, a module); use the tool that made it',
      },
    );
  }
  const strange = layers.find((layer) => layerCompression(layer.mediaType) === undefined);
  if (strange === undefined) return;
  throw new GockerError(
    'UNSUPPORTED_MEDIA_TYPE',
    `layer ${strange.digest} is ${quoted(strange.mediaType)}, which cannot be unpacked`,
    { hint: 'gocker unpacks tar, tar+gzip and tar+zstd layers' },
  );
}

function unsupported(what: string, mediaType: string): GockerError {
  const old = isSchema1Type(mediaType) || mediaType === 'schema version 1';
  return new GockerError('UNSUPPORTED_MEDIA_TYPE', `${what} of unsupported type ${quoted(mediaType)}`, {
    hint: old
      ? "this is docker's schema 1 of before 2016; push the image again with a current tool"
      : 'gocker reads docker schema 2 and OCI manifests and indexes',
  });
}

function about(what: string): { code: string; what: string; hint: string } {
  return { code: 'INVALID_MANIFEST', what, hint: MALFORMED };
}
