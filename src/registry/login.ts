import type { LookupFunction } from 'node:net';
import type { Syscalls } from '../../native/syscalls.ts';
import { UsageError } from '../errors.ts';
import { quoted } from '../image/printable.ts';
import { createAuthenticator } from './authenticator.ts';
import { registryKey } from './credential-file.ts';
import type { StoredLogin } from './credential-store.ts';
import { storeLogin } from './credential-store.ts';
import type { Credential } from './credentials.ts';
import type { Endpoint, RegistrySettings } from './endpoint.ts';
import { endpointsFor } from './endpoint.ts';
import { createFetch } from './fetcher.ts';
import type { Timeouts } from './http.ts';
import { createSend, TIMEOUTS } from './http.ts';
import { createReach } from './insecure.ts';
import type { Retry, RetryPolicy } from './retry.ts';
import { RETRIES, retry } from './retry.ts';

export interface LoginOptions {
  /** As typed: a host, `http(s)://HOST`; Docker Hub when absent. */
  registry?: string | undefined;
  username: string;
  password: string;
  settings: RegistrySettings;
  env: NodeJS.ProcessEnv;
  syscalls: Syscalls;
  userAgent: string;
  log(message: string): void;
  timeouts?: Partial<Timeouts>;
  retries?: Partial<RetryPolicy>;
  lookup?: LookupFunction | undefined;
}

export interface LoginResult extends StoredLogin {
  /** `docker.io`, `HOST[:PORT]`. */
  registry: string;
  /** The registry did not ask who we are. */
  unasked: boolean;
}

/**
 * Shows the login to the registry and, when that accepts it, stores it where docker does. A token server that offers
 * something to stand for the password has that stored instead. Throws UNAUTHORIZED, INVALID_REGISTRY, what the network
 * did, or what `storeLogin` throws.
 */
export async function login(options: LoginOptions): Promise<LoginResult> {
  const { username, password } = options;
  if (username.includes(':')) {
    const hint = 'RFC 7617 parts user name and password by a colon';
    throw new UsageError('INVALID_USERNAME', `the user name ${quoted(username)} has a colon`, { hint });
  }
  const { endpoint, registry } = whereIs(options);
  const { asked, identityToken } = await show(
    endpoint,
    { username, password, source: 'gocker login' },
    options,
  );
  const secret = identityToken === undefined ? { password } : { identityToken };
  const stored = await storeLogin(registry, { username, ...secret }, options);
  return { ...stored, registry, unasked: !asked };
}

/** The name under which a registry's login is kept. Throws INVALID_REGISTRY. */
export function loginKey(typed: string | undefined): string {
  const key = registryKey(typed?.trim() || 'docker.io');
  if (key !== '' && /^[^\s@?#]+$/.test(key) && URL.canParse(`https://${key}`)) return key;
  throw new UsageError('INVALID_REGISTRY', `${quoted(typed ?? '')} is no registry`, {
    hint: 'write HOST or HOST:PORT, or nothing for Docker Hub',
  });
}

function whereIs({ registry: typed, settings }: LoginOptions): { endpoint: Endpoint; registry: string } {
  const registry = loginKey(typed);
  const scheme = /^(https?):\/\//i.exec(typed ?? '')?.[1]?.toLowerCase() as 'http' | 'https' | undefined;
  const own = registry !== 'docker.io' && scheme !== undefined && { scheme };
  const endpoint = endpointsFor({ domain: registry, path: 'login', ...own }, { ...settings, mirrors: {} }).at(
    -1,
  )!;
  return { endpoint, registry };
}

/** GET /v2/, which tells who is welcome (OCI distribution spec, "Determining Support"). */
async function show(
  endpoint: Endpoint,
  credential: Credential,
  options: LoginOptions,
): Promise<{ asked: boolean; identityToken: string | undefined }> {
  let asked = false;
  let identityToken: string | undefined;
  const { settings, userAgent, lookup, log } = options;
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const policy = { ...RETRIES, ...options.retries };
  const again: Retry = (work, how) => retry(work, { ...how, policy, log });
  const { proxies, certsFolders = [] } = settings;
  const send = createSend({ timeouts, userAgent, proxies, certsFolders, lookup });
  const auth = createAuthenticator({
    send,
    timeout: timeouts.document,
    retry: again,
    credentials: async () => {
      asked = true;
      return credential;
    },
    onRefreshToken: (token) => {
      identityToken = token;
    },
  });
  const fetch = createFetch({ send, auth, timeouts });
  const reach = createReach();
  const question = { repository: '', path: '', what: 'login', headers: {} };
  const response = await again(() => reach(endpoint, (there) => fetch({ ...question, endpoint: there })), {});
  response.body.destroy();
  return { asked, identityToken };
}
