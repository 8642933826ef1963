import * as v from 'valibot';
import { check, nullFree } from '../image/json.ts';
import { quoted } from '../image/printable.ts';
import { readDocument } from './body.ts';
import type { Challenge } from './challenge.ts';
import type { Credential } from './credentials.ts';
import type { Endpoint } from './endpoint.ts';
import { RegistryError } from './error.ts';
import { maySendTo, reachOf } from './host.ts';
import type { HttpRequest, HttpResponse, Send } from './http.ts';
import { follow } from './redirect.ts';
import { isHTML, refusal } from './refusal.ts';
import { parseSecretJSON } from './secret-json.ts';

const MAX_TOKEN_BYTES = 64 * 1024;
/** What goes without saying (distribution spec, "Token Authentication"). */
const DEFAULT_LIFETIME = 60;

const HINT = 'ask whoever runs that token server, which the registry names';

const tokenText = v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/, 'not a token'));
const tokenSchema = nullFree({
  token: v.exactOptional(v.union([v.literal(''), tokenText])),
  access_token: v.exactOptional(v.union([v.literal(''), tokenText])),
  refresh_token: v.exactOptional(v.string()),
  expires_in: v.exactOptional(v.pipe(v.number(), v.minValue(0))),
});

export interface Token {
  value: string;
  /** Seconds from now. */
  lifetime: number;
  /** What stands for the password from now on, where that was asked for and given. */
  refreshToken?: string;
}

export interface TokenRequest {
  endpoint: Endpoint;
  repository: string;
  push?: { from: readonly string[] } | undefined;
  challenge: Challenge;
  credential: Credential | undefined;
  /** Where logins are, for messages. */
  searched?: readonly string[] | undefined;
  /** Ask for a refresh token, too. */
  offline?: boolean | undefined;
  /** Milliseconds for the answer's body. */
  timeout: number;
  signal?: AbortSignal | undefined;
}

/**
 * Asks the server that the challenge names for a token (distribution's "Docker Registry v2 authentication via central
 * service"; with an identity token, "OAuth2 Token Authentication"). Throws REALM_REFUSED, INVALID_TOKEN, UNAUTHORIZED or what the network did.
 */
export async function fetchToken(send: Send, request: TokenRequest): Promise<Token> {
  const { endpoint, signal } = request;
  const realm = checkRealm(request.challenge.params.get('realm'), endpoint);
  const { insecure } = endpoint;
  const registry = new URL(endpoint.base);
  const same = insecure && realm.host === registry.host;
  const about = { ...question(realm, request), ...(same && { insecure }), registry, signal };
  const response = await follow(send, about, { strict: true });
  if (response.status !== 200 || isHTML(response))
    throw await refusal(response, { ...request, what: 'token' });
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

/** How a server calls us. */
const CLIENT = 'gocker';

/** A login is shown in a header; an identity token goes into the body of a form. */
function question(realm: URL, request: TokenRequest): Pick<HttpRequest, 'url' | 'headers' | 'form'> {
  const { challenge, credential, offline } = request;
  const service = challenge.params.get('service');
  const scopes = scopesOf(challenge, request);
  const common = service === undefined ? {} : { service };
  if (credential?.identityToken !== undefined) {
    const form = { grant_type: 'refresh_token', client_id: CLIENT, refresh_token: credential.identityToken };
    const scope = scopes.length > 0 && { scope: scopes.join(' ') };
    return { url: realm, headers: {}, form: { ...common, ...scope, ...form } };
  }
  const url = new URL(realm);
  const asked = { ...common, ...(credential && { account: credential.username }) };
  const more = offline ? { offline_token: 'true', client_id: CLIENT } : {};
  for (const [name, value] of Object.entries({ ...asked, ...more })) url.searchParams.set(name, value);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  return { url, headers: credential === undefined ? {} : { authorization: basic(credential) } };
}

/**
 * What the token is for: as the registry says it, else reading the repository, if it is about one. A push asks at once for
 * all that it needs, since registries ask for reading when they are first asked what they have.
 */
export function scopesOf(
  challenge: Challenge,
  { repository, push }: Pick<TokenRequest, 'repository' | 'push'>,
): string[] {
  const stated = challenge.params.get('scope')?.split(/\s+/).filter(Boolean);
  const usual = repository === '' ? [] : [`repository:${repository}:pull`];
  if (push === undefined) return stated ?? usual;
  const others = push.from.map((name) => `repository:${name}:pull`);
  return union([...(stated ?? []), `repository:${repository}:pull,push`, ...others]);
}

/** One scope for each resource (distribution's "Token Scope Documentation"), with all actions asked for. */
function union(scopes: string[]): string[] {
  const actions = new Map<string, string[]>();
  for (const scope of scopes) {
    const colon = scope.lastIndexOf(':');
    const resource = scope.slice(0, colon);
    actions.set(resource, [...(actions.get(resource) ?? []), ...scope.slice(colon + 1).split(',')]);
  }
  return [...actions].map(([resource, list]) => `${resource}:${[...new Set(list)].join(',')}`);
}

async function readToken(response: HttpResponse, timeout: number): Promise<Token> {
  const limits = { what: 'token', maxBytes: MAX_TOKEN_BYTES, timeout };
  const what = `the token from ${response.url.host}`;
  const json = parseSecretJSON(await readDocument(response, limits), what, HINT);
  const about = { code: 'INVALID_TOKEN', what, hint: HINT, secret: true };
  const document = check(tokenSchema, json, about);
  const value = document.token || document.access_token;
  if (!value) {
    const message = `${response.url.host} sent no token`;
    throw new RegistryError('INVALID_TOKEN', message, { url: response.url, hint: HINT });
  }
  const { expires_in: lifetime = DEFAULT_LIFETIME, refresh_token: refreshToken } = document;
  return { value, lifetime, ...(refreshToken && { refreshToken }) };
}
