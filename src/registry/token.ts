import * as v from 'valibot';
import { check, nullFree, parseJSON } from '../image/json.ts';
import { quoted } from '../image/printable.ts';
import { readDocument } from './body.ts';
import type { Challenge } from './challenge.ts';
import type { Credential } from './credentials.ts';
import type { Endpoint } from './endpoint.ts';
import { RegistryError } from './error.ts';
import { maySendTo, reachOf } from './host.ts';
import type { HttpResponse, Send } from './http.ts';
import { explainNetworkError } from './network-error.ts';
import { follow } from './redirect.ts';
import { refusal } from './refusal.ts';

const MAX_TOKEN_BYTES = 64 * 1024;
/** What goes without saying (distribution spec, "Token Authentication"). */
const DEFAULT_LIFETIME = 60;

const tokenText = v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/, 'not a token'));
const tokenSchema = nullFree({
  token: v.exactOptional(v.union([v.literal(''), tokenText])),
  access_token: v.exactOptional(v.union([v.literal(''), tokenText])),
  expires_in: v.exactOptional(v.pipe(v.number(), v.minValue(0))),
});

export interface Token {
  value: string;
  /** Seconds from now. */
  lifetime: number;
}

export interface TokenRequest {
  endpoint: Endpoint;
  repository: string;
  challenge: Challenge;
  credential: Credential | undefined;
  /** Milliseconds for the answer's body. */
  timeout: number;
  signal?: AbortSignal | undefined;
}

/**
 * Asks the server that the challenge names for a token (distribution's "Docker Registry v2 authentication via central
 * service"). Throws REALM_REFUSED, INVALID_TOKEN, UNAUTHORIZED or what the network did.
 */
export async function fetchToken(send: Send, request: TokenRequest): Promise<Token> {
  const { endpoint, credential, signal } = request;
  const realm = checkRealm(request.challenge.params.get('realm'), endpoint);
  const url = withQuery(realm, request);
  const headers: Record<string, string> =
    credential === undefined ? {} : { authorization: basic(credential) };
  const response = await follow(send, { url, headers, signal }, { strict: true }).catch((error: unknown) => {
    throw explainNetworkError(error, url);
  });
  if (response.status !== 200) throw await refusal(response, { ...request, what: 'token' });
  return readToken(response, request.timeout);
}

/** `Basic` and the pair, as RFC 7617 has it. */
export function basic({ username, password }: Credential): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/**
 * The address of a token server, which a registry chooses freely: https, unless registry and token server are both
 * plain and near; nothing on this machine or network unless the registry is there itself. Throws REALM_REFUSED.
 */
export function checkRealm(realm: string | undefined, endpoint: Endpoint): URL {
  const refuse = (why: string) =>
    new RegistryError('REALM_REFUSED', `${endpoint.base} names a token server that is not used: ${why}`, {
      hint: 'ask whoever runs the registry; gocker tells tokens and passwords to proper https addresses alone',
    });
  if (realm === undefined || !URL.canParse(realm)) throw refuse(quoted(realm ?? ''));
  const [url, registry] = [new URL(realm), new URL(endpoint.base)];
  const near = url.hostname === registry.hostname || reachOf(url.hostname) === 'loopback';
  const plainToo = endpoint.plain && near;
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && plainToo))
    throw refuse(`${quoted(realm)} is not https`);
  if (url.username !== '' || url.password !== '') throw refuse('it has a user name in its address');
  if (!maySendTo(registry, url, { strict: true }))
    throw refuse(`${quoted(url.host)} is an address of this network`);
  url.hash = '';
  return url;
}

function withQuery(realm: URL, { challenge, repository, credential }: TokenRequest): URL {
  const url = new URL(realm);
  const service = challenge.params.get('service');
  if (service !== undefined) url.searchParams.set('service', service);
  url.searchParams.set('scope', scopeOf(challenge, repository));
  if (credential !== undefined) url.searchParams.set('account', credential.username);
  return url;
}

/** What the token is for: as the registry says it, else reading the repository. */
export function scopeOf(challenge: Challenge, repository: string): string {
  return challenge.params.get('scope') ?? `repository:${repository}:pull`;
}

async function readToken(response: HttpResponse, timeout: number): Promise<Token> {
  const limits = { what: 'token', maxBytes: MAX_TOKEN_BYTES, timeout };
  const what = `the token from ${response.url.host}`;
  const document = check(tokenSchema, parseJSON(await readDocument(response, limits), what), {
    code: 'INVALID_TOKEN',
    what,
  });
  const value = document.token || document.access_token;
  if (!value)
    throw new RegistryError('INVALID_TOKEN', `${response.url.host} sent no token`, { url: response.url });
  return { value, lifetime: document.expires_in ?? DEFAULT_LIFETIME };
}
