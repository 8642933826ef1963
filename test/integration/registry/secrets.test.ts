import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createHelper, KEEPER, kept } from '../../fixtures/helper.ts';
import { buildImage } from '../../fixtures/image.ts';
import { startProxy, type TestProxy } from '../../fixtures/proxy.ts';
import { type Access, type Behaviour, startRegistry, type TestRegistry } from '../../fixtures/registry.ts';
import { integration, useGocker } from '../helpers.ts';

const PASSWORD = 'open-SESAME:9+ä';
const REFRESH = 'REFRESH-OPEN-9';
const SIGNATURE = 'SIGNED-OPEN-9';
const PROXY_PASSWORD = 'PROXY-OPEN-9';
const personal: Access = { scheme: 'bearer', username: 'me', password: PASSWORD };
/** Whatever can be made to talk. */
const TALKATIVE = {
  DEBUG: '*',
  NODE_DEBUG: 'http,https,net,tls,child_process,stream',
  GOCKER_DEBUG: '1',
};
/** Node.js shows what hpagent asks it for to whoever wants to debug http. */
const LESS = { NODE_DEBUG: 'stream' };

/** gocker does what it can with secrets, and everything it says, writes and starts is looked through for them. */
integration('a secret', () => {
  const gocker = useGocker();
  const home = () => gocker.env.HOME!;
  const image = buildImage({ layers: [{ entries: [{ name: 'x', body: Buffer.alloc(50_000, 'ab') }] }] });
  const open: { close(): unknown }[] = [];
  const shown: string[] = [];
  const processes = new Map<string, string>();
  let watching: NodeJS.Timeout;

  beforeAll(() => {
    watching = setInterval(lookAround, 15);
  });
  afterAll(() => clearInterval(watching));
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
    rmSync(join(home(), '.docker'), { recursive: true, force: true });
  });

  /** Every process that gocker is or starts: they have its root in their environment. */
  function lookAround(): void {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const [environment, line] = [read(`/proc/${pid}/environ`), read(`/proc/${pid}/cmdline`)];
      if (environment.includes(`GOCKER_ROOT=${gocker.root}`)) processes.set(line, environment);
    }
  }

  async function registry(access: Access = personal): Promise<TestRegistry> {
    const started = await startRegistry({ access });
    started.addImage('app', '1', image);
    open.push(started);
    return started;
  }

  async function run(args: string[], more: { input?: string; env?: Record<string, string> } = {}) {
    const result = await gocker(args, { ...more, env: { ...TALKATIVE, ...more.env } });
    shown.push(result.stdout, result.stderr);
    return result;
  }

  const login = (host: string, env?: Record<string, string>) =>
    run(['login', '-u', 'me', '--password-stdin', host], { input: PASSWORD, ...(env && { env }) });
  const pull = async (host: string, env?: Record<string, string>) => {
    await run(['image', 'rm', `${host}/app:1`]);
    return run(['pull', `${host}/app:1`], env && { env });
  };

  /** What the servers were shown, besides what is known. */
  function secretsOf(servers: TestRegistry[]): string[] {
    const pairs = [`me:${PASSWORD}`, `proxy:${PROXY_PASSWORD}`, '<token>:'];
    const headers = servers.flatMap(({ requests }) => requests.map((one) => one.headers.authorization ?? ''));
    return [
      PASSWORD,
      encodeURIComponent(PASSWORD),
      REFRESH,
      SIGNATURE,
      PROXY_PASSWORD,
      ...pairs.map((pair) => Buffer.from(pair).toString('base64')),
      ...headers.flatMap((header) => header.split(' ').slice(1)),
    ];
  }

  function expectSilence(...servers: TestRegistry[]): void {
    const secrets = [...new Set(secretsOf(servers))];
    expect(secrets.length).toBeGreaterThanOrEqual(8);
    const found = (text: string) => secrets.filter((secret) => text.includes(secret));
    expect(shown.flatMap(found)).toEqual([]);
    expect([...processes.keys()].flatMap(found)).toEqual([]);
    // The proxy's password is in the environment because the person put it there.
    expect([...processes.values()].flatMap(found).filter((one) => one !== PROXY_PASSWORD)).toEqual([]);
    expect(
      filesBelow(home()).flatMap((path) => found(read(path)).map((secret) => `${path}: ${secret}`)),
    ).toEqual([]);
  }

  test.each<[string, Access]>([
    ['password', { ...personal, scheme: 'basic' }],
    ['password for tokens', personal],
    ['token that stands for it', { ...personal, refreshToken: REFRESH }],
  ])('that is a %s', async (_, access) => {
    const one = await registry(access);
    expect((await login(one.host)).code).toBe(0);
    expect(statSync(join(home(), '.docker/config.json')).mode & 0o777).toBe(0o600);
    expect((await pull(one.host)).code).toBe(0);
    one.revokeTokens();
    expect((await pull(one.host)).code).toBe(0);
    expect((await run(['logout', one.host])).code).toBe(0);
    expect((await pull(one.host)).code).toBe(1);
    expectSilence(one);
  });

  test('that a helper keeps', async () => {
    const env = await createHelper(home(), 'keeper', `sleep 0.1\n${KEEPER}`);
    const one = await registry();
    mkdirSync(join(home(), '.docker'));
    writeFileSync(join(home(), '.docker/config.json'), '{"credsStore": "keeper"}');
    const path = { PATH: env.PATH! };
    expect((await login(one.host, path)).code).toBe(0);
    expect(await kept(home())).toMatchObject({ Secret: PASSWORD });
    expect((await pull(one.host, path)).code).toBe(0);
    rmSync(join(home(), 'kept'));
    expect([...processes.keys()].some((line) => line.includes('docker-credential-keeper'))).toBe(true);
    expectSilence(one);
  });

  test('that was typed on the command line', async () => {
    const one = await registry();
    expect((await run(['login', '-u', 'me', '-p', PASSWORD, one.host])).code).toBe(0);
    expect((await run(['login', '-u', 'me', `--password=${PASSWORD}x`, one.host])).code).toBe(1);
    for (const line of processes.keys())
      if (line.includes('\0-p\0') || line.includes('\0--password=')) processes.delete(line);
    expectSilence(one);
  });

  test.each<[string, Behaviour]>([
    ['401', { status: 401 }],
    ['403', { status: 403 }],
    ['a used-up quota', { status: 429, headers: { 'ratelimit-remaining': '0' } }],
    ['a page', { html: true }],
    ['headers of 1 MB', { headers: { x: 'x'.repeat(1_000_000) } }],
    ['another protocol', { raw: 'SSH-2.0-OpenSSH\r\n\r\n' }],
    ['what it was shown', { status: 404, body: `{"errors":[{"code":"X","message":"nothing here"}]}` }],
    ['a signed address that is not there', { redirect: `http://127.0.0.1:1/x?signature=${SIGNATURE}` }],
    [
      'a signed address that must not be asked',
      { redirect: `http://169.254.169.254/x?signature=${SIGNATURE}` },
    ],
  ])('when the registry answers %s', async (_, behaviour) => {
    const one = await registry();
    expect((await login(one.host)).code).toBe(0);
    for (const path of ['/token', '/v2/app/manifests/1', `/v2/app/blobs/${image.layers[0]!.digest}`]) {
      one.misbehave(path, { ...behaviour, when: ({ headers }) => headers.authorization !== undefined });
      expect((await pull(one.host)).code).toBe(1);
    }
    expectSilence(one);
  });

  test('in a file that is malformed', async () => {
    const one = await registry();
    mkdirSync(join(home(), '.docker'));
    for (const text of [
      `{"auths": {"${one.host}": {"auth": ${REFRESH}}}}`,
      `{"auths": {"${one.host}": {"auth": "${REFRESH}"}}}`,
    ]) {
      writeFileSync(join(home(), '.docker/config.json'), text);
      expect((await pull(one.host)).code).toBe(1);
      expect((await run(['logout', one.host])).code).toBe(0 + Number(!text.endsWith('"}}}')));
    }
    expect(shown.join('')).not.toContain(REFRESH);
  });

  async function through(
    one: TestRegistry,
    refuse?: number,
  ): Promise<{ proxy: TestProxy; env: Record<string, string> }> {
    const proxy = await startProxy(one.host, refuse);
    open.push(proxy);
    const address = `http://proxy:${PROXY_PASSWORD}@127.0.0.1:${proxy.port}`;
    return { proxy, env: { ...LESS, HTTP_PROXY: address, HTTPS_PROXY: address } };
  }

  test('of a proxy', async () => {
    const one = await registry({ scheme: 'bearer', realm: 'http://box.test/token' });
    const { proxy, env } = await through(one);
    const there = 'http://box.test/app:1';
    expect(await run(['pull', '-q', there], { env })).toMatchObject({ code: 0, stdout: 'box.test/app:1\n' });
    expect(proxy.asked.map(({ url }) => url)).toContain(
      'http://box.test/token?service=test&scope=repository%3Aapp%3Apull',
    );
    expect(proxy.asked.every(({ authorization }) => authorization?.startsWith('Basic '))).toBe(true);
    expect(one.requests.every(({ headers }) => headers['proxy-authorization'] === undefined)).toBe(true);
    for (const refuse of [407, 502]) {
      const { env: refusing } = await through(one, refuse);
      const { code, stderr } = await run(['pull', 'https://box.test/app:1'], { env: refusing });
      expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('(HTTPS_PROXY)') });
    }
    const nobody = { ...LESS, HTTPS_PROXY: `http://proxy:${PROXY_PASSWORD}@127.0.0.1:1` };
    expect((await run(['pull', 'https://box.test/app:1'], { env: nobody })).stderr).toContain(
      'cannot be reached',
    );
    const nonsense = { ...LESS, HTTPS_PROXY: `socks5://proxy:${PROXY_PASSWORD}@127.0.0.1:1` };
    expect((await run(['pull', 'https://box.test/app:1'], { env: nonsense })).code).toBe(1);
    expectSilence(one);
  });
});

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** All but docker's config.json, where logins belong. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'config.json')
    .map((entry) => join(entry.parentPath, entry.name));
}
