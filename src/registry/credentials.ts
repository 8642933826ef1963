import { homedir } from 'node:os';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';
import type { CredentialFile } from './credential-file.ts';
import { keysFor, loginIn, readCredentialFile } from './credential-file.ts';
import { getFromHelper } from './credential-helper.ts';

export { registryKey } from './credential-file.ts';

export interface Credential {
  username: string;
  password: string;
  /** Instead of a password: what a token server gave for it (OAuth 2's refresh token, docker's identity token). */
  identityToken?: string;
  /** Where it was found, for messages: a file's path, a helper's name. */
  source: string;
}

/**
 * Finds what a registry may be told. `registry` is `docker.io`, or the exact `host[:port]` that is talked to; what is
 * found is sent to that server and to the token server it names, nowhere else. Throws INVALID_CREDENTIALS or
 * CREDENTIAL_HELPER_FAILED.
 */
export interface CredentialProvider {
  (registry: string, repository?: string): Promise<Credential | undefined>;
  /** The files that were looked through, for messages. */
  files?: readonly string[];
}

export interface CredentialOptions {
  env?: NodeJS.ProcessEnv;
  /** Takes a line, when a helper that a file names is not there. */
  log?(message: string): void;
}

/**
 * Where logins are kept, in the order in which they count: the file that REGISTRY_AUTH_FILE names or, without it, docker's
 * config.json, then containers' auth.json (containers-auth.json(5)).
 */
export function credentialFiles(env: NodeJS.ProcessEnv): string[] {
  if (env.REGISTRY_AUTH_FILE) return [env.REGISTRY_AUTH_FILE];
  const home = env.HOME || homedir();
  const runtime = env.XDG_RUNTIME_DIR || join('/run/containers', String(process.getuid?.() ?? 0));
  const containers = env.XDG_RUNTIME_DIR ? join(runtime, 'containers/auth.json') : join(runtime, 'auth.json');
  return [
    dockerConfigFile(env),
    containers,
    join(env.XDG_CONFIG_HOME || join(home, '.config'), 'containers/auth.json'),
  ];
}

/** `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`. */
export function dockerConfigFile(env: NodeJS.ProcessEnv): string {
  return join(env.DOCKER_CONFIG || join(env.HOME || homedir(), '.docker'), 'config.json');
}

/** The logins of this person on this machine: docker's and those of containers' tools, and those they leave to helpers. */
export function machineCredentials(options: CredentialOptions = {}): CredentialProvider {
  const paths = credentialFiles(options.env ?? process.env);
  const files = new Map<string, Promise<CredentialFile | undefined>>();
  const found = new Map<string, Promise<Credential | undefined>>();
  const read = (path: string) => remember(files, path, () => readCredentialFile(path));
  async function search(registry: string, repository?: string): Promise<Credential | undefined> {
    for (const path of paths) {
      const file = await read(path);
      const credential = file && (await searchFile(file, keysFor(registry, repository), options));
      if (credential !== undefined) return credential;
    }
    return undefined;
  }
  const provider = (registry: string, repository?: string) =>
    remember(found, `${registry} ${repository ?? ''}`, () => search(registry, repository));
  return Object.assign(provider, { files: paths });
}

/** A registry's own helper, then what stands in the file, then the helper for all; an empty entry refers to the latter. */
async function searchFile(
  file: CredentialFile,
  keys: string[],
  options: CredentialOptions,
): Promise<Credential | undefined> {
  const registry = keys.at(-1)!;
  const own = keys.map((key) => file.helpers.get(key)).find((name) => name !== undefined);
  if (own) return fromHelper(file, { name: own, registry }, options);
  const stored = loginIn(file, keys);
  if (stored !== undefined || file.store === '') return stored;
  return fromHelper(file, { name: file.store, registry }, options);
}

async function fromHelper(
  { path }: CredentialFile,
  { name, registry }: { name: string; registry: string },
  { env = process.env, log }: CredentialOptions,
): Promise<Credential | undefined> {
  const source = `docker-credential-${name} (${path})`;
  try {
    const login = await getFromHelper(registry, { name, env });
    if (login === undefined) return undefined;
    if (login.username !== '<token>') return { username: login.username, password: login.secret, source };
    return { username: login.username, password: '', identityToken: login.secret, source };
  } catch (error) {
    // docker's desktop program leaves its helper's name behind, and most images need no login.
    if (!hasCode(error, 'CREDENTIAL_HELPER_MISSING')) throw error;
    log?.(`docker-credential-${name}, which ${path} names, is not on PATH: going on without it`);
    return undefined;
  }
}

function remember<T>(known: Map<string, Promise<T>>, key: string, find: () => Promise<T>): Promise<T> {
  const value = known.get(key) ?? find();
  known.set(key, value);
  return value;
}
