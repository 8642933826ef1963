import { GockerError } from '../errors.ts';
import type { Challenge } from './challenge.ts';
import { parseChallenges } from './challenge.ts';
import type { Credential, CredentialProvider } from './credentials.ts';
import type { Endpoint } from './endpoint.ts';
import type { Send } from './http.ts';
import type { Retry } from './retry.ts';
import { basic, fetchToken, scopesOf } from './token.ts';

export interface AuthenticatorOptions {
  send: Send;
  credentials: CredentialProvider;
  /** Milliseconds for a token server's answer. */
  timeout: number;
  retry: Retry;
  /** Asks token servers for something that can stand for the password, and takes it. */
  onRefreshToken?: (token: string) => void;
}

/** Whose request it is. */
export interface Target {
  endpoint: Endpoint;
  repository: string;
  /** The request is part of a push, in which blobs of these other repositories are wanted too. */
  push?: { from: readonly string[] } | undefined;
  /** Somebody else can be asked. */
  hurry?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/** Finds the `authorization` header for requests. Remembers challenges and tokens for as long as the client lives. */
export interface Authenticator {
  /** What to send at first: nothing, unless this repository's endpoint has asked before. */
  known(target: Target): Promise<string | undefined>;
  /**
   * The answer to a 401: `rejected` is what was sent, and is never offered again. Undefined when there is nothing
   * (else) to offer.
   */
  answer(
    target: Target,
    header: string | undefined,
    rejected: string | undefined,
  ): Promise<string | undefined>;
  credential(target: Target): Promise<Credential | undefined>;
  /** Where logins are, for messages. */
  searched: readonly string[] | undefined;
}

interface Cached {
  header: Promise<string>;
  /** On the monotonic clock, in milliseconds; unknown while the token is on its way. */
  until: number;
}

/** A token is renewed when this part of its life is over. */
const USABLE_LIFE = 0.9;

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const challenges = new Map<string, Challenge>();
  const tokens = new Map<string, Cached>();
  const searched = options.credentials.files;

  const credentialFor = ({ endpoint, repository }: Target) =>
    options.credentials(endpoint.account, repository);

  async function offer(target: Target, challenge: Challenge, rejected?: string): Promise<string | undefined> {
    const credential = await credentialFor(target);
    if (challenge.scheme === 'basic') return credential?.password ? basic(credential) : undefined;
    const key = JSON.stringify([
      challenge.params.get('realm'),
      challenge.params.get('service'),
      scopesOf(challenge, target),
      target.endpoint.account,
      credential?.username,
    ]);
    const cached = tokens.get(key);
    if (cached !== undefined && performance.now() < cached.until) {
      const header = await unlessAborted(cached.header, target.signal);
      if (header !== rejected) return header;
    }
    return unlessAborted(renew(key, target, { challenge, credential }), target.signal);
  }

  function renew(
    key: string,
    { endpoint, repository, push, hurry }: Target,
    how: { challenge: Challenge; credential: Credential | undefined },
  ): Promise<string> {
    const cached: Cached = { header: Promise.resolve(''), until: Number.POSITIVE_INFINITY };
    // Others may wait for this token too, so no single reader's signal ends it; the timeouts do.
    const { onRefreshToken, timeout } = options;
    const offline = onRefreshToken !== undefined;
    const request = { endpoint, repository, push, ...how, timeout, offline, searched };
    cached.header = options
      .retry(() => fetchToken(options.send, request), { hurry })
      .then((token) => {
        const { value, lifetime, refreshToken } = token;
        if (refreshToken !== undefined) onRefreshToken?.(refreshToken);
        cached.until = performance.now() + lifetime * 1000 * USABLE_LIFE;
        return `Bearer ${value}`;
      });
    tokens.set(key, cached);
    cached.header.catch(() => {
      if (tokens.get(key) === cached) tokens.delete(key);
    });
    return cached.header;
  }

  return {
    async known(target) {
      const challenge = challenges.get(placeOf(target));
      return challenge && offer(target, challenge);
    },
    async answer(target, header, rejected) {
      const challenge = choose(parseChallenges(header));
      if (challenge === undefined) return undefined;
      challenges.set(placeOf(target), challenge);
      const offered = await offer(target, challenge, rejected);
      return offered === rejected ? undefined : offered;
    },
    credential: credentialFor,
    searched,
  };
}

/** Stops waiting, not the work, when the signal fires. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new GockerError('CANCELLED', 'cancelled'));
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', stop));
}

function placeOf({ endpoint, repository, push }: Target): string {
  return [endpoint.base, repository, ...(push ? ['push', ...push.from] : [])].join(' ');
}

/** Bearer before basic: a token tells less. */
function choose(challenges: Challenge[]): Challenge | undefined {
  return ['bearer', 'basic'].flatMap((scheme) => challenges.filter((one) => one.scheme === scheme))[0];
}
