import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { GockerError, hasCode } from '../errors.ts';
import { check, nullFree, plainObject, recordOf } from '../image/json.ts';
import { printable, quoted } from '../image/printable.ts';
import type { Credential } from './credentials.ts';
import { parseSecretJSON } from './secret-json.ts';

const HINT = 'correct the file, or log in again with gocker login';

const entrySchema = nullFree({
  auth: v.exactOptional(v.string()),
  username: v.exactOptional(v.string()),
  password: v.exactOptional(v.string()),
  identitytoken: v.exactOptional(v.string()),
});
type Entry = v.InferOutput<typeof entrySchema>;

const fileSchema = nullFree({
  auths: v.exactOptional(recordOf(v.string(), v.unknown()), {}),
  credsStore: v.exactOptional(v.string(), ''),
  credHelpers: v.exactOptional(recordOf(v.string(), v.string()), {}),
});

/** docker's config.json or containers' auth.json. */
export interface CredentialFile {
  path: string;
  /** Everything in it, to be written back. */
  document: Record<string, unknown>;
  auths: Map<string, unknown>;
  /** Helper for all registries; empty for none. */
  store: string;
  helpers: Map<string, string>;
}

/** docker's spellings of one registry made one: `https://index.docker.io/v1/` is `docker.io`, schemes and paths go. */
export function registryKey(key: string): string {
  const host = key
    .replace(/^https?:\/\//i, '')
    .split('/', 1)[0]!
    .toLowerCase();
  return ['index.docker.io', 'registry-1.docker.io'].includes(host) ? 'docker.io' : host;
}

/** The same, but that `HOST/NAMESPACE` of containers' auth.json, a login of its own, keeps its namespace. */
export function entryKey(key: string): string {
  const registry = registryKey(key);
  const path = /^https?:/i.test(key) ? '' : key.replace(/^[^/]*\/?/, '').replace(/\/+$/, '');
  return path === '' || /^v[12]$/.test(path) ? registry : `${registry}/${path}`;
}

/** The file, or undefined when there is none. Throws INVALID_CREDENTIALS or INVALID_JSON; messages hold no secret. */
export async function readCredentialFile(path: string): Promise<CredentialFile | undefined> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw new GockerError('INVALID_CREDENTIALS', `cannot read ${path}`, { cause: error });
  });
  if (bytes === undefined) return undefined;
  // containers' tools leave an empty file at times.
  const document =
    bytes.length === 0 ? {} : check(plainObject, parseSecretJSON(bytes, path, HINT), about(path));
  const { auths, credsStore, credHelpers } = check(fileSchema, document, about(path));
  return {
    path,
    document,
    auths: byKey(auths),
    store: credsStore,
    helpers: byKey(credHelpers),
  };
}

function byKey<T>(record: Record<string, T>): Map<string, T> {
  return new Map(Object.entries(record).map(([key, value]) => [entryKey(key), value]));
}

/** `HOST/NAMESPACE/NAME`, `HOST/NAMESPACE`, `HOST`: what a login may be filed under, most specific first. */
export function keysFor(registry: string, repository = ''): string[] {
  const parts = repository.split('/').filter((part) => part !== '');
  const host = registry.toLowerCase();
  return [...parts.map((_, at) => [host, ...parts.slice(0, parts.length - at)].join('/')), host];
}

/** The login under the first of the keys that has one. Throws INVALID_CREDENTIALS. */
export function loginIn({ auths, path }: CredentialFile, keys: string[]): Credential | undefined {
  for (const key of keys) {
    const entry = auths.has(key) ? credentialOf(auths.get(key), { key, path }) : undefined;
    if (entry !== undefined) return entry;
  }
  return undefined;
}

function credentialOf(value: unknown, { key, path }: { key: string; path: string }): Credential | undefined {
  const entry = check(entrySchema, value, about(`${path}: ${quoted(key)}`));
  const pair = entry.auth ? decode(entry.auth) : plain(entry);
  const { identitytoken: identityToken } = entry;
  // One file may have several logins for a registry.
  const source = key.includes('/') ? `${path}, ${printable(key)}` : path;
  if (identityToken) return { username: pair?.username ?? '<token>', password: '', identityToken, source };
  if (pair === undefined && entry.auth) {
    const message = `${path}: the auth of ${quoted(key)} is not USER:PASSWORD`;
    throw new GockerError('INVALID_CREDENTIALS', message, { hint: `log in again with gocker login ${key}` });
  }
  return pair && { ...pair, source };
}

function plain({ username, password }: Entry): { username: string; password: string } | undefined {
  return username && password ? { username, password } : undefined;
}

function decode(auth: string): { username: string; password: string } | undefined {
  // docker pads with NULs at times.
  const text = Buffer.from(auth, 'base64').toString().replace(/\0+$/, '');
  const colon = text.indexOf(':');
  return colon < 1 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

function about(what: string): { code: string; what: string; hint: string; secret: true } {
  return { code: 'INVALID_CREDENTIALS', what, hint: HINT, secret: true };
}
