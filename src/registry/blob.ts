import { quoted } from '../image/printable.ts';
import type { Descriptor } from '../image/types.ts';
import type { Endpoint } from './endpoint.ts';
import { RegistryError } from './error.ts';
import type { Fetch } from './fetcher.ts';
import { guardBody } from './guard.ts';
import type { HttpResponse } from './http.ts';
import { isHTML, refusal } from './refusal.ts';
import type { BlobPart } from './types.ts';

export interface BlobQuestion {
  endpoint: Endpoint;
  repository: string;
  descriptor: Descriptor;
  /** The first byte that is wanted. */
  offset: number;
  /** Milliseconds: for an error's body, and the longest silence of the blob's. */
  timeout: number;
  progress: number;
  hurry?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Opens a blob at one endpoint (OCI distribution spec, "Pulling blobs"; RFC 9110 section 14 for ranges). Its length is
 * held against the descriptor, before and while the bytes come. A Content-Encoding is not decoded: the digest is that
 * of the bytes as they are served, and whoever hashes them sees when they are not.
 */
export async function fetchBlobFrom(fetch: Fetch, question: BlobQuestion): Promise<BlobPart> {
  const { endpoint, descriptor, offset, progress } = question;
  const what = `blob ${descriptor.digest}`;
  const headers: Record<string, string> = offset > 0 ? { range: `bytes=${offset}-` } : {};
  const response = await fetch({ ...question, path: `blobs/${descriptor.digest}`, what, headers });
  try {
    const start = response.status === 206 ? checkRange(response, question) : 0;
    const bytes = descriptor.size - start;
    const length = response.headers['content-length'];
    const page = isHTML(response) && Number(length) !== bytes;
    if (page) throw await refusal(response, { ...question, what, credential: undefined });
    if (length !== undefined && Number(length) !== bytes)
      throw wrongLength(response, { what, bytes, length });
    return { stream: guardBody(response, { what, bytes, progress }), offset: start, source: endpoint.base };
  } catch (error) {
    response.body.destroy();
    throw error;
  }
}

/** A 206 must be the rest that was asked for, all of it. */
function checkRange({ headers, url }: HttpResponse, { descriptor, offset }: BlobQuestion): number {
  const { digest, size } = descriptor;
  const range = headers['content-range'] ?? '';
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(range);
  const [start, end, total] = [Number(match?.[1]), Number(match?.[2]), match?.[3]];
  if (offset > 0 && start === offset && end === size - 1 && (total === '*' || Number(total) === size))
    return offset;
  throw new RegistryError(
    'BAD_RANGE',
    `blob ${digest}: asked for bytes ${offset}-${size - 1}/${size}, ${url.host} sent ${quoted(range, 80)}`,
    { url, status: 206, hint: 'ask whoever runs the server, or a cache on the way to it' },
  );
}

function wrongLength(
  { headers, url }: HttpResponse,
  { what, bytes, length }: { what: string; bytes: number; length: string },
): RegistryError {
  const encoding = headers['content-encoding'];
  const packed = encoding === undefined ? '' : ` with Content-Encoding ${quoted(encoding, 40)}`;
  return new RegistryError(
    'SIZE_MISMATCH',
    `${what}: expected ${bytes} bytes, ${url.host} announced ${quoted(length, 30)}${packed}`,
    { url, hint: 'the manifest is wrong, or the copy on that server is damaged' },
  );
}
