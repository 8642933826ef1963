/** A home of its own for each test, and logins from there. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { createSyscalls } from '../../native/index.ts';
import { parseReference } from '../../src/image/reference.ts';
import { machineCredentials } from '../../src/registry/credentials.ts';
import { login } from '../../src/registry/login.ts';
import { client } from '../fixtures/client.ts';
import type { Access } from '../fixtures/registry.ts';

export const syscalls = createSyscalls();
export const SECRET = 'pa:ss"wört-SECRET';
export const ENCODED = Buffer.from(`me:${SECRET}`).toString('base64');
export const basic: Access = { scheme: 'basic', username: 'me', password: SECRET };
export const bearer: Access = { ...basic, scheme: 'bearer' };

export let folder: string;
export let env: NodeJS.ProcessEnv;
export const lines: string[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gocker-test-'));
  env = { HOME: folder, XDG_RUNTIME_DIR: join(folder, 'run'), PATH: '/usr/bin:/bin' };
  lines.length = 0;
});
afterEach(() => rm(folder, { recursive: true }));

export const config = () => join(folder, '.docker/config.json');
export const stored = async (path = config()) => JSON.parse(await readFile(path, 'utf8'));
export async function store(document: object, path = config()): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, JSON.stringify(document));
}

export function logIn(host: string, more: { username?: string; password?: string } = {}) {
  return login({
    registry: host,
    username: 'me',
    password: SECRET,
    settings: { mirrors: {}, insecure: [] },
    env,
    syscalls,
    userAgent: 'gocker',
    log: (line) => lines.push(line),
    timeouts: { connect: 500, response: 300, document: 400 },
    retries: { tries: 1 },
    ...more,
  });
}

export const pull = (host: string) =>
  client({ credentials: machineCredentials({ env }) }).fetchManifest(parseReference(`${host}/team/app:1`));
