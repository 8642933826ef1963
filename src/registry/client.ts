import type { Reference } from '../image/reference.ts';
import { familiarName } from '../image/reference.ts';
import type { Descriptor, Digest } from '../image/types.ts';
import type { Connection, ConnectionOptions } from './connection.ts';
import { createConnection } from './connection.ts';
import type { Endpoint } from './endpoint.ts';
import { endpointsFor } from './endpoint.ts';
import { firstAnswer } from './fallback.ts';
import { fetchManifestFrom } from './manifest.ts';
import { createBlobFetcher } from './open-blob.ts';
import type { FetchOptions, RegistryClient } from './types.ts';

export type { ConnectionOptions as RegistryClientOptions } from './connection.ts';

/** A client that keeps connections, challenges and tokens in memory; it needs no closing. */
export function createRegistryClient(options: ConnectionOptions = {}): RegistryClient {
  return clientOf(createConnection(options));
}

/** A client that shares what a connection knows with others. */
export function clientOf(connection: Connection): RegistryClient {
  const { fetch, settings, timeouts, retry: again, reach, log, health } = connection;
  const fetchBlob = createBlobFetcher(connection);

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
