import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { GockerError, hasCode } from '../errors.ts';
import { check, nullFree, parseJSON, recordOf } from '../image/json.ts';
import { quoted } from '../image/printable.ts';

export interface Credential {
  username: string;
  password: string;
  /** Where it was found, for messages: a file's path. */
  source: string;
}

/**
 * Finds what a registry may be told. `registry` is `docker.io`, or the exact `host[:port]` that is talked to; what is
 * found is sent to that server and to the token server it names, nowhere else. Throws INVALID_CREDENTIALS.
 */
export type CredentialProvider = (registry: string) => Promise<Credential | undefined>;

const entrySchema = nullFree({
  auth: v.exactOptional(v.string()),
  username: v.exactOptional(v.string()),
  password: v.exactOptional(v.string()),
});
type Entry = v.InferOutput<typeof entrySchema>;

const fileSchema = nullFree({ auths: v.exactOptional(recordOf(v.string(), v.unknown()), {}) });

/** The credentials in docker's config.json: `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`. */
export function dockerCredentials(env: NodeJS.ProcessEnv = process.env): CredentialProvider {
  const path = join(env.DOCKER_CONFIG || join(env.HOME || homedir(), '.docker'), 'config.json');
  let read: Promise<Map<string, unknown>> | undefined;
  return async (registry) => {
    read ??= readAuths(path);
    const entry = (await read).get(registry.toLowerCase());
    return entry === undefined ? undefined : credentialOf(entry, registry, path);
  };
}

/** docker's spellings of one registry made one: `https://index.docker.io/v1/` is `docker.io`, schemes and paths go. */
export function registryKey(key: string): string {
  const host = key
    .replace(/^https?:\/\//i, '')
    .split('/', 1)[0]!
    .toLowerCase();
  return ['index.docker.io', 'registry-1.docker.io'].includes(host) ? 'docker.io' : host;
}

async function readAuths(path: string): Promise<Map<string, unknown>> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw new GockerError('INVALID_CREDENTIALS', `cannot read ${path}`, { cause: error });
  });
  if (bytes === undefined) return new Map();
  const { auths } = check(fileSchema, parseJSON(bytes, path), about(path));
  return new Map(Object.entries(auths).map(([key, entry]) => [registryKey(key), entry]));
}

function credentialOf(value: unknown, registry: string, path: string): Credential | undefined {
  const entry = check(entrySchema, value, about(`${path}: ${quoted(registry)}`));
  const pair = entry.auth ? decode(entry.auth) : plain(entry);
  if (pair === undefined && entry.auth) {
    throw new GockerError(
      'INVALID_CREDENTIALS',
      `${path}: the auth of ${quoted(registry)} is not USER:PASSWORD`,
      {
        hint: `log in again with docker login ${registry}`,
      },
    );
  }
  return pair && { ...pair, source: path };
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

function about(what: string): { code: string; what: string; hint: string } {
  return { code: 'INVALID_CREDENTIALS', what, hint: 'correct the file, or log in again with docker login' };
}
