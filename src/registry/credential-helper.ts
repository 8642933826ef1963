import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import * as v from 'valibot';
import { GockerError } from '../errors.ts';
import { printable, quoted } from '../image/printable.ts';
import { parseSecretJSON } from './secret-json.ts';

const MAX_OUTPUT = 64 * 1024;
/** Milliseconds: somebody may have to type a passphrase. */
const TIMEOUT = 60_000;
/** Milliseconds for the output to end once the helper has. */
const GRACE = 500;

const answerSchema = v.object({ Username: v.string(), Secret: v.string() });

export interface HelperLogin {
  username: string;
  secret: string;
}

export interface HelperOptions {
  /** What follows `docker-credential-`. */
  name: string;
  env: NodeJS.ProcessEnv;
  timeout?: number;
}

/** The name by which docker's helpers know a registry. */
export function serverURL(registry: string): string {
  return registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry;
}

/** What the helper has for a registry; undefined when it has nothing. Throws CREDENTIAL_HELPER_MISSING or -_FAILED. */
export async function getFromHelper(
  registry: string,
  options: HelperOptions,
): Promise<HelperLogin | undefined> {
  const output = await run('get', serverURL(registry), options);
  if (output === undefined) return undefined;
  const what = `what docker-credential-${options.name} said`;
  const found = v.safeParse(answerSchema, parseSecretJSON(Buffer.from(output), what));
  if (!found.success) throw failed(options.name, 'get', 'it did not give Username and Secret');
  const { Username: username, Secret: secret } = found.output;
  return secret === '' ? undefined : { username, secret };
}

export async function storeWithHelper(
  registry: string,
  { username, secret }: HelperLogin,
  options: HelperOptions,
): Promise<void> {
  const input = { ServerURL: serverURL(registry), Username: username, Secret: secret };
  await run('store', JSON.stringify(input), { ...options, secret });
}

/** False when it had nothing. */
export async function eraseWithHelper(registry: string, options: HelperOptions): Promise<boolean> {
  return (await run('erase', serverURL(registry), options)) !== undefined;
}

/** The protocol of docker-credential-helpers: one verb, its argument on stdin. Undefined: there are no such credentials. */
async function run(
  verb: 'get' | 'store' | 'erase',
  input: string,
  options: HelperOptions & { secret?: string },
): Promise<string | undefined> {
  const { name, env, timeout = TIMEOUT } = options;
  const child = spawn(await find(name, env), [verb], { env, cwd: '/', stdio: ['pipe', 'pipe', 'ignore'] });
  // It may end without reading.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const { output, status, why } = await finish(child, timeout);
  if (why !== undefined) throw failed(name, verb, why);
  if (status === 0) return output;
  if (/credentials not found/i.test(output)) return undefined;
  const said = options.secret ? output.replaceAll(options.secret, '***') : output;
  throw failed(name, verb, printable(said.trim()) || `it ended with status ${status}`);
}

interface Finished {
  output: string;
  status: number | null;
  /** Why it was killed, or did not start. */
  why?: string;
}

function finish(child: ChildProcess, timeout: number): Promise<Finished> {
  const chunks: Buffer[] = [];
  let size = 0;
  let why: string | undefined;
  const kill = (because: string) => {
    why ??= because;
    child.kill('SIGKILL');
  };
  const deadline = setTimeout(kill, timeout, `it did not end within ${timeout} ms`);
  child.stdout!.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_OUTPUT) kill(`it said more than ${MAX_OUTPUT} bytes`);
    else chunks.push(chunk);
  });
  // What it leaves running may hold its output open.
  child.once('exit', () => setTimeout(() => child.stdout!.destroy(), GRACE).unref());
  return new Promise((resolve) => {
    const done = (status: number | null, failure = why) => {
      clearTimeout(deadline);
      const output = Buffer.concat(chunks).toString();
      resolve({ output, status, ...(failure !== undefined && { why: failure }) });
    };
    child.once('error', (error) => done(null, printable(error.message)));
    child.once('close', (status) => done(status));
  });
}

/** The program, looked for in PATH's absolute folders alone. */
async function find(name: string, env: NodeJS.ProcessEnv): Promise<string> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
    throw new GockerError('INVALID_CREDENTIALS', `${quoted(name, 60)} is no name of a credential helper`, {
      hint: 'credsStore and credHelpers name what follows docker-credential-',
    });
  }
  const program = `docker-credential-${name}`;
  for (const folder of (env.PATH ?? '').split(':').filter(isAbsolute)) {
    const path = join(folder, program);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  throw new GockerError('CREDENTIAL_HELPER_MISSING', `${program} is not on PATH`, {
    hint: 'install it, or take its name out of credsStore and credHelpers',
  });
}

function failed(name: string, verb: string, why: string): GockerError {
  return new GockerError('CREDENTIAL_HELPER_FAILED', `docker-credential-${name} ${verb}: ${why}`, {
    hint: 'try the helper by itself; gocker login stores a login anew',
  });
}
