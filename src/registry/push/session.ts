/** One upload of one blob, request by request (OCI distribution spec 1.1, "Pushing blobs"). */
import type { Readable } from 'node:stream';
import { RegistryError } from '../error.ts';
import { skipBody } from '../fetcher.ts';
import type { HttpResponse } from '../http.ts';
import { nextURL } from '../redirect.ts';
import type { Destination } from './types.ts';

/** An upload that a registry has begun to take. */
export interface Session {
  /** Where the next request goes; every answer may name another one. */
  url: URL;
  /** Bytes that are there. */
  offset: number;
  /** No piece but the last may be shorter (OCI-Chunk-Min-Length). */
  minimum: number;
}

/** A part of a blob that is sent in one request. */
export interface Piece {
  /** The first byte's place, and how many bytes. */
  start: number;
  length: number;
  /** Opened anew each time that it is sent. */
  open(): Readable;
}

const OCTETS = 'application/octet-stream';

/** Begins an upload; undefined when the registry had the blob in `mount.from` and needs no upload. */
export async function begin(
  destination: Destination,
  what: string,
  mount?: { digest: string; from: string },
): Promise<Session | undefined> {
  const query = mount
    ? `?mount=${encodeURIComponent(mount.digest)}&from=${encodeURIComponent(mount.from)}`
    : '';
  const path = `blobs/uploads/${query}`;
  const response = await ask(destination, { what, path, method: 'POST', accept: mount ? [201, 202] : [202] });
  if (response.status === 201) return undefined;
  const minimum = Number(response.headers['oci-chunk-min-length'] ?? 0);
  return { url: locationOf(response), offset: 0, minimum: Number.isSafeInteger(minimum) ? minimum : 0 };
}

/** Sends the whole blob and ends the upload. */
export async function sendWhole(
  destination: Destination,
  session: Session,
  { what, digest, piece }: { what: string; digest: string; piece: Piece },
): Promise<void> {
  const url = withDigest(session.url, digest);
  await ask(destination, { what, url, method: 'PUT', accept: [201, 204], ...carrying(piece) });
}

/** Sends a piece; the session is then where the registry says that it is. */
export async function sendPiece(
  destination: Destination,
  session: Session,
  { what, piece }: { what: string; piece: Piece },
): Promise<Session> {
  const { headers, ...rest } = carrying(piece);
  const range = `${piece.start}-${piece.start + piece.length - 1}`;
  const response = await ask(destination, {
    what,
    url: session.url,
    method: 'PATCH',
    accept: [202, 204],
    headers: { ...headers, 'content-range': range },
    ...rest,
  });
  const sent = piece.start + piece.length;
  return { ...session, url: locationOf(response, session.url), offset: offsetOf(response) ?? sent };
}

/** Ends an upload whose bytes are all there. */
export async function finish(
  destination: Destination,
  session: Session,
  { what, digest }: { what: string; digest: string },
): Promise<void> {
  const url = withDigest(session.url, digest);
  await ask(destination, { what, url, method: 'PUT', accept: [201, 204] });
}

/** How far the upload has come; undefined when the registry knows nothing of it, or nothing of such questions. */
export async function readStatus(
  destination: Destination,
  session: Session,
  what: string,
): Promise<Session | undefined> {
  try {
    const response = await ask(destination, { what, url: session.url, method: 'GET', accept: [204] });
    return { ...session, url: locationOf(response, session.url), offset: offsetOf(response) ?? 0 };
  } catch (error) {
    if (error instanceof RegistryError && !error.transient) return undefined;
    throw error;
  }
}

interface Asking {
  what: string;
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH';
  accept: readonly number[];
  path?: string;
  url?: URL;
  headers?: Record<string, string>;
  body?: () => Buffer | Readable;
}

/** One request of a push; the answer's body is of no interest. */
export async function ask(destination: Destination, asking: Asking): Promise<HttpResponse> {
  const { connection, endpoint, repository, push, signal } = destination;
  const { method } = asking;
  const { document, commit } = connection.timeouts;
  const response = await connection.fetch({
    endpoint,
    repository,
    push,
    signal,
    path: '',
    headers: {},
    ...(method !== 'GET' && method !== 'HEAD' && { body: () => Buffer.alloc(0) }),
    ...((method === 'PUT' || method === 'PATCH') && { patience: commit }),
    ...asking,
  });
  await skipBody(response, document);
  return response;
}

function carrying(piece: Piece) {
  const headers = { 'content-type': OCTETS, 'content-length': String(piece.length) };
  return { headers, body: piece.length === 0 ? () => Buffer.alloc(0) : () => piece.open() };
}

/** The query of a location may be signed: nothing of it may change. */
function withDigest(url: URL, digest: string): URL {
  const ended = new URL(url);
  ended.search = `${url.search === '' ? '?' : `${url.search}&`}digest=${encodeURIComponent(digest)}`;
  return ended;
}

/** Where the answer sends us on to. A registry behind a proxy that ends TLS may not know that it is https. */
function locationOf({ url, headers }: HttpResponse, otherwise?: URL): URL {
  if (headers.location === undefined && otherwise !== undefined) return otherwise;
  const plain = `http://${url.host}/`;
  const text = headers.location;
  const unaware = url.protocol === 'https:' && text?.startsWith(plain);
  return nextURL(url, unaware ? `${url.origin}/${text!.slice(plain.length)}` : text);
}

/** `Range: 0-LAST`. `0-0` is what distribution writes for nothing at all. */
function offsetOf({ headers, url }: HttpResponse): number | undefined {
  if (headers.range === undefined) return undefined;
  const last = /^(?:bytes=)?0-(\d{1,15})$/.exec(headers.range)?.[1];
  if (last !== undefined) return last === '0' ? 0 : Number(last) + 1;
  throw new RegistryError('BAD_RANGE', `${url.host} does not say how much of the upload it has`, { url });
}
