import type { Reference } from '../image/reference.ts';
import { familiarName } from '../image/reference.ts';
import type { Descriptor, Digest } from '../image/types.ts';
import { createAuthenticator } from './authenticator.ts';
import { fetchBlobFrom } from './blob.ts';
import type { CredentialProvider } from './credentials.ts';
import type { Endpoint, RegistrySettings } from './endpoint.ts';
import { endpointsFor } from './endpoint.ts';
import { firstAnswer } from './fallback.ts';
import { createFetch } from './fetcher.ts';
import type { Timeouts } from './http.ts';
import { createSend, TIMEOUTS } from './http.ts';
import { fetchManifestFrom } from './manifest.ts';
import type { BlobOptions, FetchOptions, RegistryClient } from './types.ts';

export interface RegistryClientOptions {
  /** As `readRegistrySettings` gives it; no mirrors and no plain http (but on loopback) when absent. */
  settings?: RegistrySettings;
  /** Asked for a login only after a server wants one; anonymous when absent. */
  credentials?: CredentialProvider;
  timeouts?: Partial<Timeouts>;
  /** What servers are told: `gocker/VERSION`. */
  userAgent?: string;
  /** One line for the person, when a mirror is passed over. */
  log?(message: string): void;
}

/** A client that keeps connections, challenges and tokens in memory; it needs no closing. */
export function createRegistryClient(options: RegistryClientOptions = {}): RegistryClient {
  const settings = options.settings ?? { mirrors: {}, insecure: [] };
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const credentials = options.credentials ?? (async () => undefined);
  const log = options.log ?? (() => undefined);
  const send = createSend({ timeouts, userAgent: options.userAgent ?? 'gocker' });
  const auth = createAuthenticator({ send, credentials, timeout: timeouts.document });
  const fetch = createFetch({ send, auth, timeouts });

  function fetchManifest(reference: Reference, digest?: Digest, { signal }: FetchOptions = {}) {
    const name = digest ?? reference.digest ?? reference.tag ?? 'latest';
    const about = { repository: reference.path, name, timeout: timeouts.document, signal };
    return firstAnswer({
      endpoints: endpointsFor(reference, settings),
      what: familiarName(reference),
      log,
      ask: (endpoint: Endpoint) => fetchManifestFrom(fetch, { ...about, endpoint }),
    });
  }

  function fetchBlob(reference: Reference, descriptor: Descriptor, blobOptions: BlobOptions = {}) {
    const { offset = 0, avoid, signal } = blobOptions;
    const { document: timeout, progress } = timeouts;
    const about = { repository: reference.path, descriptor, offset, timeout, progress, signal };
    return firstAnswer({
      endpoints: endpointsFor(reference, settings).filter(({ base }) => !avoid?.has(base)),
      what: `blob ${descriptor.digest} of ${familiarName(reference)}`,
      log,
      ask: (endpoint: Endpoint) => fetchBlobFrom(fetch, { ...about, endpoint }),
    });
  }

  return {
    fetchManifest: async (...args) => fetchManifest(...args),
    fetchBlob: async (...args) => fetchBlob(...args),
  };
}
