import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GockerError } from '../../src/errors.ts';
import { parseReference } from '../../src/image/reference.ts';
import { eraseLogin } from '../../src/registry/credential-store.ts';
import { machineCredentials } from '../../src/registry/credentials.ts';
import { login, loginKey } from '../../src/registry/login.ts';
import { client, failure, image, layer, registry } from '../fixtures/client.ts';
import { createHelper, KEEPER, kept } from '../fixtures/helper.ts';
import type { Access, Behaviour } from '../fixtures/registry.ts';

const SECRET = 'pa:ss"wört-SECRET';
const ENCODED = Buffer.from(`me:${SECRET}`).toString('base64');
const basic: Access = { scheme: 'basic', username: 'me', password: SECRET };
const bearer: Access = { ...basic, scheme: 'bearer' };

let folder: string;
let env: NodeJS.ProcessEnv;
const lines: string[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gocker-test-'));
  env = { HOME: folder, XDG_RUNTIME_DIR: join(folder, 'run'), PATH: '/usr/bin:/bin' };
  lines.length = 0;
});
afterEach(() => rm(folder, { recursive: true }));

const config = () => join(folder, '.docker/config.json');
const stored = async (path = config()) => JSON.parse(await readFile(path, 'utf8'));
async function store(document: object, path = config()): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, JSON.stringify(document));
}

function logIn(host: string, more: { username?: string; password?: string } = {}) {
  return login({
    registry: host,
    username: 'me',
    password: SECRET,
    settings: { mirrors: {}, insecure: [] },
    env,
    userAgent: 'gocker',
    log: (line) => lines.push(line),
    timeouts: { connect: 500, response: 300, document: 400 },
    retries: { tries: 1 },
    ...more,
  });
}

const pull = (host: string) =>
  client({ credentials: machineCredentials({ env }) }).fetchManifest(parseReference(`${host}/team/app:1`));

describe('a login that the registry accepts', () => {
  test.each([
    ['basic', basic],
    ['bearer', bearer],
  ])('%s: is stored where docker does, and pulls use it', async (_, access) => {
    const { host, requests } = await registry({ access });
    const result = await logIn(host);
    expect(result).toEqual({ registry: host, path: config(), helper: undefined, unasked: false });
    expect(await stored()).toEqual({ auths: { [host]: { auth: ENCODED } } });
    expect(requests[0]).toMatchObject({ method: 'GET', path: '/v2/' });
    expect((await pull(host)).bytes).toEqual(image.bytes);
  });

  test('typed with a scheme and a path is the same registry', async () => {
    const { host, url } = await registry({ access: basic });
    await logIn(`${url}/v2/`);
    expect(Object.keys((await stored()).auths)).toEqual([host]);
  });

  test('that it did not ask for is stored, and said', async () => {
    const { host } = await registry();
    expect((await logIn(host)).unasked).toBe(true);
  });

  test('the token server’s own scope is asked for, no repository', async () => {
    const origin = await registry({ access: bearer });
    await logIn(origin.host);
    const asked = origin.requests.find(({ path }) => path.startsWith('/token'))!;
    expect(Object.fromEntries(new URL(asked.path, origin.url).searchParams)).toEqual({
      service: 'test',
      account: 'me',
      offline_token: 'true',
      client_id: 'gocker',
    });
  });

  test('what stands for the password is stored instead of it, and pulls use that', async () => {
    const origin = await registry({ access: { ...bearer, refreshToken: 'REFRESH' } });
    await logIn(origin.host);
    const entry = { auth: Buffer.from('me:').toString('base64'), identitytoken: 'REFRESH' };
    expect(await stored()).toEqual({ auths: { [origin.host]: entry } });
    origin.reset();
    expect((await pull(origin.host)).bytes).toEqual(image.bytes);
    const token = origin.requests.find(({ path }) => path.startsWith('/token'))!;
    expect(token).toMatchObject({ method: 'POST', path: '/token' });
    expect(token.headers.authorization).toBeUndefined();
    expect(token.form).toEqual({
      grant_type: 'refresh_token',
      client_id: 'gocker',
      refresh_token: 'REFRESH',
      service: 'test',
      scope: 'repository:team/app:pull',
    });
  });

  test('an identity token is not sent on by a redirect', async () => {
    const [origin, evil] = [
      await registry({ access: { ...bearer, refreshToken: 'REFRESH' } }),
      await registry(),
    ];
    await logIn(origin.host);
    origin.misbehave('/token', { redirect: `${evil.url}/token` });
    expect((await failure(pull(origin.host))).code).toBe('REDIRECT_REFUSED');
    expect(evil.requests).toEqual([]);
  });
});

describe('a login that is not accepted', () => {
  test.each([
    ['basic', basic],
    ['bearer', bearer],
  ])('%s: is not stored', async (_, access) => {
    const { host } = await registry({ access });
    const error = await failure(logIn(host, { password: 'wrong' }));
    expect(error).toMatchObject({
      code: 'UNAUTHORIZED',
      message: `${host} refused the login of me: unauthorized`,
    });
    await expect(stat(config())).rejects.toThrow('ENOENT');
  });

  test.each(['a b', 'x@y', 'http://', '?'])('%j is no registry', async (text) => {
    expect((await failure(logIn(text))).code).toBe('INVALID_REGISTRY');
    expect(loginKey('box:5000')).toBe('box:5000');
  });

  test('a user name with a colon cannot be told', async () => {
    expect((await failure(logIn('127.0.0.1:1', { username: 'a:b' }))).code).toBe('INVALID_USERNAME');
  });
});

test.each([
  [undefined, 'docker.io'],
  ['docker.io', 'docker.io'],
  ['https://index.docker.io/v1/', 'docker.io'],
  ['registry-1.docker.io', 'docker.io'],
  ['Quay.io', 'quay.io'],
  ['[::1]:5000', '[::1]:5000'],
])('%s is %s', (typed, key) => {
  expect(loginKey(typed)).toBe(key);
});

describe('the file', () => {
  test('is for its owner alone, in a folder that is too', async () => {
    await logIn((await registry({ access: basic })).host);
    expect((await stat(config())).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, '.docker'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(folder, '.docker'))).toEqual(['config.json']);
  });

  test('keeps what else is in it; other spellings of the registry go', async () => {
    const { host } = await registry({ access: basic });
    const others = { 'b.io': { auth: 'eDp5' }, [`${host}/team`]: { auth: 'eDp5' } };
    const more = { HttpHeaders: { a: 'b' }, psFormat: 'x', detachKeys: 'ctrl-p' };
    await store({ auths: { ...others, [`https://${host}/v1/`]: { auth: 'b2xkOm9sZA==' } }, ...more });
    await logIn(host);
    expect(await stored()).toEqual({ auths: { ...others, [host]: { auth: ENCODED } }, ...more });
    await eraseLogin(host, env);
    expect(await stored()).toEqual({ auths: others, ...more });
  });

  test('that is a link is written where it leads', async () => {
    await store({ auths: {} }, join(folder, 'real.json'));
    await mkdir(join(folder, '.docker'));
    await symlink('../real.json', config());
    const { host } = await registry({ access: basic });
    await logIn(host);
    expect(Object.keys((await stored(join(folder, 'real.json'))).auths)).toEqual([host]);
    expect((await stat(join(folder, 'real.json'))).mode & 0o777).toBe(0o600);
  });

  test('is the one that REGISTRY_AUTH_FILE names', async () => {
    env.REGISTRY_AUTH_FILE = join(folder, 'mine.json');
    const { host } = await registry({ access: basic });
    expect((await logIn(host)).path).toBe(env.REGISTRY_AUTH_FILE);
    expect((await pull(host)).bytes).toEqual(image.bytes);
    await expect(stat(config())).rejects.toThrow('ENOENT');
  });

  test('that is malformed is not replaced', async () => {
    await mkdir(join(folder, '.docker'));
    await writeFile(config(), '{"auths": {"a.io": {"auth": SECRET}}}');
    const { host } = await registry({ access: basic });
    expect((await failure(logIn(host))).code).toBe('INVALID_JSON');
    expect(await readFile(config(), 'utf8')).toContain('SECRET');
  });
});

describe('logging out', () => {
  test('forgets; once', async () => {
    const { host } = await registry({ access: basic });
    await logIn(host);
    expect(await eraseLogin(host, env)).toEqual({ path: config(), helper: undefined, found: true });
    expect((await eraseLogin(host, env)).found).toBe(false);
    expect((await failure(pull(host))).code).toBe('UNAUTHORIZED');
  });

  test('of Docker Hub forgets docker’s entry', async () => {
    await store({ auths: { 'https://index.docker.io/v1/': { auth: ENCODED }, 'b.io': {} } });
    expect((await eraseLogin('docker.io', env)).found).toBe(true);
    expect(await stored()).toEqual({ auths: { 'b.io': {} } });
  });
});

describe('a helper', () => {
  test.each([
    ['for all', (_: string) => ({ credsStore: 'keeper' })],
    ['for this registry', (host: string) => ({ credHelpers: { [host]: 'keeper' } })],
  ])('%s gets the login instead of the file', async (_, settings) => {
    env = { ...env, ...(await createHelper(folder, 'keeper', KEEPER)) };
    const { host } = await registry({ access: bearer });
    await store(settings(host));
    expect((await logIn(host)).helper).toBe('keeper');
    expect(await stored()).toEqual({ ...settings(host), auths: { [host]: {} } });
    expect(await kept(folder)).toEqual({ ServerURL: host, Username: 'me', Secret: SECRET });
    expect((await pull(host)).bytes).toEqual(image.bytes);
    expect(await readFile(join(folder, 'args'), 'utf8')).toBe('store\nget\n');
    expect((await eraseLogin(host, env)).found).toBe(true);
    expect(await stored()).toEqual({ ...settings(host), auths: {} });
    expect((await eraseLogin(host, env)).found).toBe(false);
  });

  test('keeps an identity token under its own name', async () => {
    env = { ...env, ...(await createHelper(folder, 'keeper', KEEPER)) };
    const { host } = await registry({ access: { ...bearer, refreshToken: 'REFRESH' } });
    await store({ credsStore: 'keeper' });
    await logIn(host);
    expect(await kept(folder)).toMatchObject({ Username: '<token>', Secret: 'REFRESH' });
    expect((await pull(host)).bytes).toEqual(image.bytes);
  });

  test('that is not there: the login fails, and is not stored in the open', async () => {
    const { host } = await registry({ access: bearer });
    await store({ credsStore: 'desktop' });
    expect((await failure(logIn(host))).code).toBe('CREDENTIAL_HELPER_MISSING');
    expect(await stored()).toEqual({ credsStore: 'desktop' });
  });
});

describe('the secret', () => {
  const leaks = ['SECRET', ENCODED.slice(4, 12), 'pa%3Ass', 'pa:ss'];
  const told = (error: GockerError) => {
    const chain = [error, error.cause].map((one) => `${inspect(one, { depth: 9 })}${(one as Error)?.stack}`);
    return `${chain.join()}${JSON.stringify(error)}${error.hint}${lines.join()}`;
  };

  test.each([
    ['401', { status: 401 }],
    ['403', { status: 403 }],
    ['429', { status: 429 }],
    ['500', { status: 500 }],
    ['a page', { html: true }],
    ['a hang-up', { hangUp: true }],
    ['silence', { stallAfter: -1 }],
    ['a redirect to nowhere', { redirect: 'ftp://x/' }],
  ] as [string, Behaviour][])('is in no error, whatever comes: %s', async (_, behaviour) => {
    for (const access of [basic, bearer]) {
      for (const path of [/^\/v2\//, /^\/token/]) {
        const { host, misbehave } = await registry({ access });
        await store({ auths: { [host]: { auth: ENCODED } } });
        misbehave(path, { ...behaviour, when: ({ headers }) => headers.authorization !== undefined });
        const found = await Promise.all(
          [
            logIn(host),
            pull(host),
            client({ credentials: machineCredentials({ env }) }).fetchBlob(
              parseReference(`${host}/team/app:1`),
              layer,
            ),
          ].map((work) =>
            work.then(
              () => undefined,
              (error: GockerError) => error,
            ),
          ),
        );
        for (const error of found)
          if (error !== undefined) expect(leaks.filter((part) => told(error).includes(part))).toEqual([]);
        if (access === bearer || path.test('/v2/')) expect(found.filter(Boolean).length).toBeGreaterThan(0);
      }
    }
  });

  test('is in no process’s arguments or environment while a helper has it', async () => {
    env = { ...env, ...(await createHelper(folder, 'slow', 'cat > "$(dirname "$0")/../kept"; sleep 0.4')) };
    const { host } = await registry({ access: basic });
    await store({ credsStore: 'slow' });
    const working = logIn(host);
    let seen = 0;
    await expect
      .poll(async () => {
        const all = await Promise.all(
          (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(readProcess),
        );
        const helpers = all.filter((text) => text.includes('docker-credential-slow'));
        for (const text of helpers) expect(text).not.toMatch(/SECRET/);
        seen += helpers.length;
        return seen;
      })
      .toBeGreaterThan(0);
    await working;
    expect(await kept(folder)).toMatchObject({ Secret: SECRET });
  });
});

async function readProcess(pid: string): Promise<string> {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => '');
  const line = await read('cmdline');
  return line.includes('docker-credential-slow') ? line + (await read('environ')) : line;
}
