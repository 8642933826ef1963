import { chown, mkdir, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import type { Syscalls } from '../../native/syscalls.ts';
import { hasCode } from '../errors.ts';
import { plainObject } from '../image/json.ts';
import { writeFileAtomic } from '../store/atomic.ts';
import { acquireLock } from '../store/lock.ts';
import type { CredentialFile } from './credential-file.ts';
import { entryKey, readCredentialFile } from './credential-file.ts';
import { eraseWithHelper, serverURL, storeWithHelper } from './credential-helper.ts';
import { dockerConfigFile } from './credentials.ts';

export interface StoredLogin {
  /** The file that holds the login, or names the helper that does. */
  path: string;
  /** The helper that holds it; without one it stands in the file, encoded but not encrypted. */
  helper: string | undefined;
}

/** Whose logins, and what locks their file. */
export interface LoginPlace {
  env: NodeJS.ProcessEnv;
  syscalls: Syscalls;
}

export interface NewLogin {
  username: string;
  password?: string;
  identityToken?: string;
}

/**
 * Keeps a login in the file that REGISTRY_AUTH_FILE names, else in docker's config.json, or gives it to the helper that
 * this names. Other keys stay as they are; the file is replaced as a whole, mode 0600. Throws INVALID_CREDENTIALS,
 * INVALID_JSON, CREDENTIAL_HELPER_MISSING or CREDENTIAL_HELPER_FAILED.
 */
export async function storeLogin(registry: string, login: NewLogin, place: LoginPlace): Promise<StoredLogin> {
  const { env } = place;
  const { path, file } = await open(env);
  const helper = helperFor(file, registry);
  const { username, password = '', identityToken } = login;
  if (helper !== undefined) {
    const given =
      identityToken === undefined
        ? { username, secret: password }
        : { username: '<token>', secret: identityToken };
    await storeWithHelper(registry, given, { name: helper, env });
  }
  const pair = Buffer.from(`${username}:${password}`).toString('base64');
  const entry = { auth: pair, ...(identityToken !== undefined && { identitytoken: identityToken }) };
  await rewrite(place, registry, helper === undefined ? entry : {});
  return { path, helper };
}

/** Forgets a login; false when there was none. Throws what `storeLogin` throws. */
export async function eraseLogin(
  registry: string,
  place: LoginPlace,
): Promise<StoredLogin & { found: boolean }> {
  const { env } = place;
  const { path, file } = await open(env);
  const helper = helperFor(file, registry);
  const had = helper !== undefined && (await eraseWithHelper(registry, { name: helper, env }));
  const found = file?.auths.has(registry) ?? false;
  if (found) await rewrite(place, registry, undefined);
  return { path, helper, found: found || had };
}

interface Kept {
  path: string;
  file: CredentialFile | undefined;
  /** What entries are called here: docker has a name of its own for Docker Hub. */
  nameOf(registry: string): string;
}

async function open(env: NodeJS.ProcessEnv): Promise<Kept> {
  const path = env.REGISTRY_AUTH_FILE || dockerConfigFile(env);
  const nameOf = env.REGISTRY_AUTH_FILE ? (registry: string) => registry : serverURL;
  return { path, file: await readCredentialFile(path), nameOf };
}

function helperFor(file: CredentialFile | undefined, registry: string): string | undefined {
  return file?.helpers.get(registry) || file?.store || undefined;
}

/** The document with one entry for the registry, whatever spellings of it there were. */
function withEntry({ file, nameOf }: Kept, registry: string, entry: object | undefined): object {
  const { auths, ...others } = file?.document ?? {};
  const kept = Object.entries(v.is(plainObject, auths) ? auths : {}).filter(
    ([key]) => entryKey(key) !== registry,
  );
  const added = entry === undefined ? [] : [[nameOf(registry), entry]];
  return { ...others, auths: Object.fromEntries([...kept, ...added]) };
}

/** Alone among all that log in and out; the file is read once more, since the others may have been faster. */
async function rewrite(
  { env, syscalls }: LoginPlace,
  registry: string,
  entry: object | undefined,
): Promise<void> {
  const real = await realPath((await open(env)).path);
  const lock = await acquireLock(syscalls, `${real}.gocker.lock`);
  try {
    await write(real, withEntry(await open(env), registry, entry));
  } finally {
    lock.remove();
  }
}

/** Through a link to the file that it means, in a folder that is there. */
async function realPath(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  return await realpath(path).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return path;
    throw error;
  });
}

/** What belonged to somebody keeps belonging to them. */
async function write(real: string, document: object): Promise<void> {
  const before = await stat(real).catch(() => undefined);
  await writeFileAtomic(real, `${JSON.stringify(document, null, '\t')}\n`);
  if (before !== undefined && before.uid !== process.geteuid?.()) await chown(real, before.uid, before.gid);
}
