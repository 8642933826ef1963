import { Readable } from 'node:stream';
import type { Descriptor } from '../image/types.ts';
import { RegistryError } from './error.ts';
import type { RetryPolicy } from './retry.ts';
import { backoff, isTransient } from './retry.ts';
import type { BlobPart, BlobSource, BlobStream } from './types.ts';

/** So much in between, and earlier breaks are forgotten. */
const PROGRESS = 1024 * 1024;
/** From this break in a row on, somebody else is asked first. */
const STUCK = 2;

/** Where a blob broke off. */
export interface Break {
  /** The first byte that is missing. */
  offset: number;
  source: string;
  /** The same server broke off before, with little between. */
  stuck: boolean;
  /** Fires when the reader has gone, too. */
  signal: AbortSignal;
}

export interface ResumeOptions {
  first: BlobPart;
  /** The first byte that the reader wants; `first` may begin before it. */
  offset: number;
  descriptor: Descriptor;
  /** Opens the blob again, from the break or from byte 0. */
  reopen(at: Break): Promise<BlobPart>;
  policy: RetryPolicy;
  /** One line for the person, when another server goes on. */
  log(message: string): void;
  signal?: AbortSignal | undefined;
}

/**
 * A blob whose reader does not see that the connection broke: what is missing is asked for again. It fails when it has
 * broken off `policy.breaks` times with less than 1 MiB between, when nobody opens it again, or for good.
 */
export function resumeBlob(options: ResumeOptions): BlobStream {
  const { first, offset, descriptor, policy, log } = options;
  const closed = new AbortController();
  const served: BlobSource[] = [];
  let current = first;
  let position = offset;
  let breaks = { count: 0, since: position };

  const stream = new Readable({
    read: () => void current.stream.resume(),
    destroy: (error, done) => {
      closed.abort();
      current.stream.destroy();
      done(error);
    },
  });

  function take(blob: BlobPart): void {
    current = blob;
    let skip = position - blob.offset;
    const share: BlobSource = { source: blob.source, bytes: 0 };
    blob.stream.on('data', (chunk: Buffer) => {
      const fresh = skip === 0 ? chunk : chunk.subarray(skip);
      skip -= chunk.length - fresh.length;
      if (fresh.length === 0) return;
      if (share.bytes === 0) served.push(share);
      share.bytes += fresh.length;
      position += fresh.length;
      if (!stream.push(fresh)) blob.stream.pause();
    });
    blob.stream.once('end', () => stream.push(null));
    blob.stream.on('error', (error) => {
      if (blob !== current || stream.destroyed) return;
      // All has come; how the connection ended is nobody's business.
      if (position === descriptor.size) stream.push(null);
      else recover(error).then(take, (failed) => stream.destroy(failed));
    });
    if (stream.destroyed) blob.stream.destroy();
  }

  async function recover(error: unknown): Promise<BlobPart> {
    if (!isTransient(error)) throw error;
    if (position - breaks.since >= PROGRESS) breaks = { count: 0, since: position };
    breaks.count++;
    if (breaks.count > policy.breaks) throw tooOften(error, { descriptor, position, ...breaks });
    const signal = options.signal ? AbortSignal.any([options.signal, closed.signal]) : closed.signal;
    await policy.sleep(backoff(breaks.count, policy), signal);
    const { source } = current;
    const at = { offset: position, source, stuck: breaks.count >= STUCK, signal };
    const blob = await options.reopen(at);
    const what = `blob ${descriptor.digest}`;
    if (blob.source !== source) log(`${error.message}; ${blob.source} goes on with ${what} at ${position}`);
    return blob;
  }

  take(first);
  return {
    stream,
    offset,
    get source() {
      return current.source;
    },
    sources: () => merge(served),
  };
}

/** One entry a server, in the order of their first bytes. */
function merge(served: readonly BlobSource[]): BlobSource[] {
  const sums = new Map<string, number>();
  for (const { source, bytes } of served) sums.set(source, (sums.get(source) ?? 0) + bytes);
  return [...sums].map(([source, bytes]) => ({ source, bytes }));
}

function tooOften(
  error: RegistryError,
  { descriptor, position, count }: { descriptor: Descriptor; position: number; count: number },
): RegistryError {
  // The first break of all is no news.
  if (count === 1) return error;
  const { digest, size } = descriptor;
  const message = `blob ${digest} broke off ${count} times, last at byte ${position} of ${size}: ${error.message}`;
  return new RegistryError(error.code, message, { hint: error.hint, status: error.status, cause: error });
}
