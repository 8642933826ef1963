import type { IncomingHttpHeaders } from 'node:http';
import { printable } from '../image/printable.ts';

/** What a server says of its quota (Docker's `ratelimit-*` headers, IETF draft-ietf-httpapi-ratelimit-headers-03). */
export interface RateLimit {
  limit: number | undefined;
  remaining: number | undefined;
  /** Seconds in which `limit` requests are allowed. */
  window: number | undefined;
  /** For whom is counted: an address, or an account's ID. */
  source: string | undefined;
}

/** The quota that the headers speak of; undefined when they do not. */
export function readRateLimit(headers: IncomingHttpHeaders): RateLimit | undefined {
  const limit = parse(headers['ratelimit-limit']);
  const remaining = parse(headers['ratelimit-remaining']);
  if (limit === undefined && remaining === undefined) return undefined;
  const source = headers['docker-ratelimit-source'];
  return {
    limit: limit?.count,
    remaining: remaining?.count,
    window: limit?.window ?? remaining?.window,
    source: typeof source === 'string' && source !== '' ? printable(source, 60) : undefined,
  };
}

/** `COUNT` or `COUNT;w=SECONDS`, the first of several. */
function parse(header: string | string[] | undefined): { count: number; window?: number } | undefined {
  const match = /^\s*(\d{1,9})(?:\s*;\s*w=(\d{1,9}))?/.exec(typeof header === 'string' ? header : '');
  if (match === null) return undefined;
  return { count: Number(match[1]), ...(match[2] !== undefined && { window: Number(match[2]) }) };
}

/**
 * Milliseconds to wait by `Retry-After` (RFC 9110 section 10.2.3), seconds or a date; a date is held against the
 * server's own clock where it tells it. Undefined when there is none that makes sense.
 */
export function retryAfterOf(headers: IncomingHttpHeaders, now: number = Date.now()): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000;
  const [then, server] = [Date.parse(text), Date.parse(headers.date ?? '')];
  return Number.isNaN(then) ? undefined : Math.max(0, then - (Number.isNaN(server) ? now : server));
}
