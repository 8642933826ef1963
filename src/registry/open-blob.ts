import type { Reference } from '../image/reference.ts';
import { familiarName } from '../image/reference.ts';
import type { Descriptor } from '../image/types.ts';
import { fetchBlobFrom } from './blob.ts';
import type { Connection } from './connection.ts';
import type { Endpoint } from './endpoint.ts';
import { endpointsFor } from './endpoint.ts';
import { RegistryError } from './error.ts';
import { firstAnswer } from './fallback.ts';
import { resumeBlob } from './resume.ts';
import type { BlobOptions, BlobPart, BlobStream } from './types.ts';

/** What is wanted, and of whom. */
interface Wanted {
  reference: Reference;
  descriptor: Descriptor;
  endpoints: Endpoint[];
  offset: number;
  signal?: AbortSignal | undefined;
}

/** `fetchBlob` of a client: asks one endpoint after the other, and goes on where a connection breaks. */
export function createBlobFetcher(options: Connection) {
  const { settings, policy, log } = options;
  return async (
    reference: Reference,
    descriptor: Descriptor,
    blobOptions: BlobOptions,
  ): Promise<BlobStream> => {
    const { offset = 0, avoid, mix = true, signal } = blobOptions;
    const avoided = new Set([...(avoid ?? [])].map(hostOf));
    const all = endpointsFor(reference, settings, { byDigest: true });
    const endpoints = all.filter(({ base }) => !avoided.has(hostOf(base)));
    const wanted = { reference, descriptor, endpoints, offset, signal };
    return resumeBlob({
      first: await open(options, wanted),
      offset,
      descriptor,
      policy,
      log,
      signal,
      reopen: ({ source, stuck, ...at }) =>
        open(options, { ...wanted, ...at, endpoints: goingOn(endpoints, { source, stuck, mix }) }),
    });
  };
}

/** An insecure endpoint answers under one of two schemes. */
function hostOf(base: string): string {
  return new URL(base).host;
}

/** Who broke off is asked first, unless it does so again and again. */
function goingOn(endpoints: Endpoint[], how: { source: string; stuck: boolean; mix: boolean }): Endpoint[] {
  const at = endpoints.findIndex(({ base }) => hostOf(base) === hostOf(how.source));
  const others = [...endpoints.slice(at + 1), ...endpoints.slice(0, at)];
  if (!how.mix) return [endpoints[at]!];
  return how.stuck ? [...others, endpoints[at]!] : [endpoints[at]!, ...others];
}

/** From `offset` or, when those who have the blob cannot do that, from byte 0. */
async function open(options: Connection, wanted: Wanted): Promise<BlobPart> {
  const rangeless: Endpoint[] = [];
  try {
    return await openAt(options, wanted, (endpoint) => rangeless.push(endpoint));
  } catch (error) {
    if (rangeless.length === 0) throw error;
    return openAt(options, { ...wanted, offset: 0, endpoints: rangeless });
  }
}

function openAt(
  { fetch, timeouts, retry, reach, log, health }: Connection,
  { reference, descriptor, endpoints, offset, signal }: Wanted,
  onRangeless?: (endpoint: Endpoint) => void,
): Promise<BlobPart> {
  const { document: timeout, progress } = timeouts;
  const about = { descriptor, offset, timeout, progress, signal };
  const ask = async (endpoint: Endpoint, { hurry }: { hurry: boolean }) => {
    const repository = endpoint.repository ?? reference.path;
    const from = (there: Endpoint) => fetchBlobFrom(fetch, { ...about, repository, endpoint: there, hurry });
    try {
      return await retry(() => reach(endpoint, from), { hurry, signal });
    } catch (error) {
      if (offset > 0 && isRangeless(error)) onRangeless?.(endpoint);
      throw error;
    }
  };
  const what = `blob ${descriptor.digest} of ${familiarName(reference)}`;
  return firstAnswer({ endpoints, what, log, health, ask });
}

/** A range was sent that is not the one asked for, or none is to be had (RFC 9110 section 15.5.17). */
function isRangeless(error: unknown): boolean {
  return error instanceof RegistryError && (error.code === 'BAD_RANGE' || error.status === 416);
}
