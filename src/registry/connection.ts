import type { LookupFunction } from 'node:net';
import { createAuthenticator } from './authenticator.ts';
import type { CredentialProvider } from './credentials.ts';
import type { RegistrySettings } from './endpoint.ts';
import type { Fetch } from './fetcher.ts';
import { createFetch } from './fetcher.ts';
import type { Health } from './health.ts';
import { createHealth } from './health.ts';
import type { Timeouts } from './http.ts';
import { createSend, TIMEOUTS } from './http.ts';
import type { Reach } from './insecure.ts';
import { createReach } from './insecure.ts';
import type { Retry, RetryPolicy } from './retry.ts';
import { RETRIES, retry } from './retry.ts';

export interface ConnectionOptions {
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

/** What all that talks to registries is built on; connections, challenges and tokens are kept in memory. */
export interface Connection {
  fetch: Fetch;
  settings: RegistrySettings;
  timeouts: Timeouts;
  policy: RetryPolicy;
  retry: Retry;
  reach: Reach;
  health: Health;
  log(message: string): void;
}

/** Opens nothing yet, and needs no closing. */
export function createConnection(options: ConnectionOptions = {}): Connection {
  const settings = options.settings ?? { mirrors: {}, insecure: [] };
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const policy = { ...RETRIES, ...options.retries };
  const credentials = options.credentials ?? (async () => undefined);
  const log = options.log ?? (() => undefined);
  const again: Retry = (work, how) => retry(work, { ...how, policy, log });
  const { proxies, certsFolders = [] } = settings;
  const userAgent = options.userAgent ?? 'gocker';
  const send = createSend({ timeouts, userAgent, proxies, certsFolders, lookup: options.lookup });
  const auth = createAuthenticator({ send, credentials, timeout: timeouts.document, retry: again });
  const fetch = createFetch({ send, auth, timeouts });
  return {
    fetch,
    settings,
    timeouts,
    policy,
    retry: again,
    reach: createReach(),
    health: createHealth(),
    log,
  };
}
