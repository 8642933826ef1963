import { createHash } from 'node:crypto';
import { DigestMismatchError } from '../errors.ts';
import type { Digest } from '../image/digest.ts';
import { isDigest, parseDigest } from '../image/digest.ts';
import { MAX_JSON_BYTES } from '../image/json.ts';
import {
  ACCEPTED_MANIFESTS,
  baseMediaType,
  isIndexType,
  isManifestType,
  isSchema1Type,
} from '../image/media-type.ts';
import { quoted } from '../image/printable.ts';
import { readDocument } from './body.ts';
import type { Endpoint } from './endpoint.ts';
import { RegistryError } from './error.ts';
import type { Fetch } from './fetcher.ts';
import type { HttpResponse } from './http.ts';
import { explainMissing } from './missing-tag.ts';
import { isHTML, refusal } from './refusal.ts';
import type { FetchedManifest } from './types.ts';

export interface ManifestQuestion {
  endpoint: Endpoint;
  repository: string;
  /** A tag, or the digest that the bytes must have. */
  name: string;
  /** Milliseconds for the body. */
  timeout: number;
  hurry?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Fetches a manifest or index from one endpoint (OCI distribution spec, "Pulling manifests") and checks its type, its
 * size, the digest that the server states and the one that was asked for.
 */
export async function fetchManifestFrom(fetch: Fetch, question: ManifestQuestion): Promise<FetchedManifest> {
  const { endpoint, name, timeout } = question;
  const what = `manifest ${name}`;
  const headers = { accept: ACCEPTED_MANIFESTS.join(', ') };
  const response = await fetch({ ...question, path: `manifests/${name}`, what, headers }).catch(
    async (error: unknown) => {
      throw await explainMissing(fetch, question, error);
    },
  );
  // Nobody asked for a part of it.
  if (isHTML(response) || response.status !== 200)
    throw await refusal(response, { ...question, what, credential: undefined });
  checkEncoding(response);
  const mediaType = checkType(response);
  const bytes = await readDocument(response, { what: 'manifest', maxBytes: MAX_JSON_BYTES, timeout });
  const digest = parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
  checkDigest(digest, { name, stated: response.headers['docker-content-digest'], endpoint });
  return { descriptor: { mediaType, digest, size: bytes.length }, bytes, source: endpoint.base };
}

/** `identity` was asked for; the digest is that of the bytes without any coding (RFC 9110 section 8.4). */
function checkEncoding({ headers, body, url }: HttpResponse): void {
  const encoding = headers['content-encoding'];
  if (encoding === undefined || /^\s*(identity)?\s*$/i.test(encoding)) return;
  body.destroy();
  const message = `${url.host} sent the manifest with Content-Encoding ${quoted(encoding, 40)}, which nobody asked for`;
  throw new RegistryError('UNEXPECTED_ANSWER', message, {
    url,
    hint: 'ask whoever runs the server, or a cache on the way to it, to send manifests as they are',
  });
}

function checkType({ headers, body, url }: HttpResponse): string {
  const mediaType = baseMediaType(headers['content-type']);
  if (isManifestType(mediaType) || isIndexType(mediaType)) return mediaType;
  body.destroy();
  const hint = isSchema1Type(mediaType)
    ? "this is docker's schema 1 of before 2016; push the image again with a current tool"
    : 'gocker reads docker schema 2 and OCI manifests and indexes';
  throw new RegistryError(
    'UNSUPPORTED_MEDIA_TYPE',
    `${url.host} sent a manifest of type ${quoted(mediaType)}`,
    {
      url,
      hint,
    },
  );
}

function checkDigest(
  found: Digest,
  given: { name: string; stated: string | string[] | undefined; endpoint: Endpoint },
): void {
  const { name, stated, endpoint } = given;
  const hint = 'the copy on that server is damaged or was changed on its way';
  if (name.includes(':') && name !== found) {
    throw new DigestMismatchError(`manifest from ${endpoint.base}`, name, found, { hint });
  }
  // Another algorithm than sha256 cannot be compared, and the digest asked for has been.
  if (typeof stated !== 'string' || stated === found || (!isDigest(stated) && stated.startsWith('sha512:')))
    return;
  throw new DigestMismatchError(`manifest from ${endpoint.base}`, quoted(stated, 100), found, { hint });
}
