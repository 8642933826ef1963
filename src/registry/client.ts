import type { LookupFunction } from 'node:net';
import type { Reference } from '../image/reference.ts';
import { familiarName } from '../image/reference.ts';
import type { Descriptor, Digest } from '../image/types.ts';
import { createAuthenticator } from './authenticator.ts';
import type { CredentialProvider } from './credentials.ts';
import type { Endpoint, RegistrySettings } from './endpoint.ts';
import { endpointsFor } from './endpoint.ts';
import { firstAnswer } from './fallback.ts';
import { createFetch } from './fetcher.ts';
import { createHealth } from './health.ts';
import type { Timeouts } from './http.ts';
import { createSend, TIMEOUTS } from './http.ts';
import { createReach } from './insecure.ts';
import { fetchManifestFrom } from './manifest.ts';
import { createBlobFetcher } from './open-blob.ts';
import type { Retry, RetryPolicy } from './retry.ts';
import { RETRIES, retry } from './retry.ts';
import type { FetchOptions, RegistryClient } from './types.ts';

export interface RegistryClientOptions {
  /** As `readRegistrySettings` gives it; no mirrors and no plain http (but on loopback) when absent. */
  settings?: RegistrySettings;
  /** Asked for a login only after a server wants one; anonymous when absent. */
  credentials?: CredentialProvider;
  /** Finds the addresses of hosts; the system's own way when absent. */
  lookup?: LookupFunction;
  timeouts?: Partial<Timeouts>;
  retries?: Partial<RetryPolicy>;
  /** What servers are told: `gocker/VERSION`. */
  userAgent?: string;
  /** One line for the person, when a mirror is passed over or a wait is long. */
  log?(message: string): void;
}

/** A client that keeps connections, challenges and tokens in memory; it needs no closing. */
export function createRegistryClient(options: RegistryClientOptions = {}): RegistryClient {
  const settings = options.settings ?? { mirrors: {}, insecure: [] };
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const policy = { ...RETRIES, ...options.retries };
  const credentials = options.credentials ?? (async () => undefined);
  const log = options.log ?? (() => undefined);
  const again: Retry = (work, how) => retry(work, { ...how, policy, log });
  const { proxies, certsFolders = [] } = settings;
  const userAgent = options.userAgent ?? 'gocker';
  const send = createSend({ timeouts, userAgent, proxies, certsFolders, lookup: options.lookup });
  const reach = createReach();
  const auth = createAuthenticator({ send, credentials, timeout: timeouts.document, retry: again });
  const fetch = createFetch({ send, auth, timeouts });
  const health = createHealth();
  const parts = { fetch, settings, timeouts, policy, retry: again, reach, log, health };
  const fetchBlob = createBlobFetcher(parts);

  function fetchManifest(reference: Reference, digest?: Digest, { signal }: FetchOptions = {}) {
    const name = digest ?? reference.digest ?? reference.tag ?? 'latest';
    const about = { name, timeout: timeouts.document, signal };
    const ask = (endpoint: Endpoint, hurry: boolean) => {
      const repository = endpoint.repository ?? reference.path;
      return fetchManifestFrom(fetch, { ...about, repository, endpoint, hurry });
    };
    return firstAnswer({
      endpoints: endpointsFor(reference, settings, { byDigest: name.includes(':') }),
      what: familiarName(reference),
      log,
      health,
      ask: (endpoint, { hurry }) =>
        again(() => reach(endpoint, (there) => ask(there, hurry)), { hurry, signal }),
    });
  }

  return {
    fetchManifest: async (...args) => fetchManifest(...args),
    fetchBlob: async (reference, descriptor: Descriptor, blobOptions = {}) =>
      fetchBlob(reference, descriptor, blobOptions),
  };
}
