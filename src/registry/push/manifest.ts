import { DigestMismatchError } from '../../errors.ts';
import { isDigest } from '../../image/digest.ts';
import { ACCEPTED_MANIFESTS } from '../../image/media-type.ts';
import type { StoredDocument } from '../../store/closure.ts';
import { ask } from './session.ts';
import type { Destination } from './types.ts';

/**
 * Stores a manifest or index under a tag or its digest, byte for byte (OCI distribution spec, "Pushing Manifests"); all
 * that it names must be there. Throws DIGEST_MISMATCH when the registry made something else of it.
 */
export async function putManifest(
  destination: Destination,
  { descriptor, bytes }: StoredDocument,
  name: string,
): Promise<void> {
  const { connection, endpoint, signal } = destination;
  const put = () =>
    ask(destination, {
      what: `manifest ${name}`,
      path: `manifests/${name}`,
      method: 'PUT',
      accept: [200, 201, 202],
      headers: { 'content-type': descriptor.mediaType, 'content-length': String(bytes.length) },
      body: () => bytes,
    });
  const { headers } = await connection.retry(put, { signal });
  const stored = headers['docker-content-digest'];
  if (typeof stored !== 'string' || !isDigest(stored) || stored === descriptor.digest) return;
  throw new DigestMismatchError(`manifest at ${endpoint.base}`, descriptor.digest, stored, {
    hint: 'the registry changed what it was sent; an image there would not be this one',
  });
}

/** True when the repository has the manifest or index. */
export async function hasManifest(destination: Destination, digest: string): Promise<boolean> {
  const { connection, signal } = destination;
  const asking = {
    what: `manifest ${digest}`,
    path: `manifests/${digest}`,
    method: 'HEAD',
    accept: [200, 404, 401, 403, 405],
    headers: { accept: ACCEPTED_MANIFESTS.join(', ') },
  } as const;
  return (await connection.retry(() => ask(destination, asking), { signal })).status === 200;
}
