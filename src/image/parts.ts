import * as v from 'valibot';
import { descriptorSchema } from './descriptor.ts';
import { check, nullFree, parseJSON } from './json.ts';
import { isIndexType, isManifestType } from './media-type.ts';
import type { Descriptor } from './types.ts';

const schema = nullFree({
  config: v.exactOptional(descriptorSchema),
  layers: v.exactOptional(v.array(descriptorSchema), []),
  manifests: v.exactOptional(v.array(descriptorSchema), []),
});

/** True for what names other blobs: image manifests, those of attestations and other artifacts, indexes. */
export function namesOthers(mediaType: string): boolean {
  return isManifestType(mediaType) || isIndexType(mediaType);
}

/**
 * What a manifest or index names, of whatever kind: an image that is handed on keeps its attestations and artifacts, which
 * nobody here could run. Throws INVALID_JSON or INVALID_MANIFEST.
 */
export function partsOf(bytes: Uint8Array): Descriptor[] {
  const document = parseJSON(bytes, 'manifest');
  const { config, layers, manifests } = check(schema, document, {
    code: 'INVALID_MANIFEST',
    what: 'manifest',
  });
  return [...(config ? [config] : []), ...layers, ...manifests];
}
