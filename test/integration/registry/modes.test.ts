import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parseReference } from '../../../src/image/reference.ts';
import { createRegistryClient } from '../../../src/registry/client.ts';
import { bytesOf } from '../../fixtures/client.ts';
import { digestOf } from '../../fixtures/image.ts';
import { type Authority, createAuthority } from '../../fixtures/tls.ts';
import { ISSUER, startTokenServer, type TokenServerOptions } from '../../fixtures/token-server.ts';
import { PASSWORD, type PrivateRegistry, startPrivateRegistry, USER } from '../ground/private-registry.ts';
import { image, integration, useGocker } from '../helpers.ts';

const SERVICE = 'a registry';
const NAME = 'team/busybox:1';

/** Debian's docker-registry in the ways in which it can be told to keep people out; login.test.ts has its passwords. */
integration('the registry of Debian', () => {
  const gocker = useGocker();
  let authority: Authority;
  const open: (() => unknown)[] = [];
  beforeAll(() => {
    authority = createAuthority('Private Authority');
  });
  afterAll(() => authority.close());
  afterEach(async () => {
    for (const close of open.splice(0)) await close();
    for (const place of ['.docker', '.config', 'root'])
      rmSync(join(home(), place), { recursive: true, force: true });
  });

  const home = () => gocker.env.HOME!;

  function trust(host: string, more: Record<string, string> = {}): void {
    const folder = join(home(), '.config/containers/certs.d', host);
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries({ 'ca.crt': authority.cert, ...more }))
      writeFileSync(join(folder, name), text);
  }

  async function start(options: Parameters<typeof startPrivateRegistry>[0]): Promise<PrivateRegistry> {
    const started = await startPrivateRegistry({ authority, ...options });
    open.push(started.stop);
    await started.copy(image('busybox:1'), NAME);
    return started;
  }

  const login = (host: string) =>
    gocker(['login', '-u', USER, '--password-stdin', `https://${host}`], { input: PASSWORD });
  const pull = (host: string) => gocker(['pull', '-q', `https://${host}/${NAME}`]);

  test('with client certificates', async () => {
    const { host, certs } = await start({ mutual: true, auth: () => ({}) });
    trust(host);
    const without = await pull(host);
    expect(without).toMatchObject({ code: 1 });
    expect(without.stderr).toContain(`/etc/docker/certs.d/${host}/client.cert`);
    const read = (name: string) => readFileSync(join(certs, name), 'utf8');
    const other = createAuthority('Nobody');
    open.push(other.close);
    const stranger = other.issue('client');
    trust(host, { 'client.cert': stranger.cert, 'client.key': stranger.key });
    const wrong = await pull(host);
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.stderr).toContain(`did not accept the client certificate ${home()}`);
    trust(host, { 'client.cert': read('client.cert'), 'client.key': read('client.key') });
    expect(await pull(host)).toMatchObject({ code: 0, stdout: `${host}/${NAME}\n` });
  });

  test('with a certificate that registries.conf says not to mind', async () => {
    const { host } = await start({ auth: () => ({}) });
    expect((await pull(host)).stderr).toContain('is not trusted: it was issued by "Private Authority"');
    const folder = join(home(), '.config/containers');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'registries.conf'), `[[registry]]\nlocation = "${host}"\ninsecure = true\n`);
    expect(await gocker(['pull', '-q', `${host}/${NAME}`])).toMatchObject({ code: 0 });
  });

  async function withTokens(options: Partial<TokenServerOptions> = {}, algorithm: 'ec' | 'rsa' = 'ec') {
    const signer = createAuthority('Signer', algorithm);
    open.push(signer.close);
    const known = { username: USER, password: PASSWORD, service: SERVICE };
    const tokens = await startTokenServer({
      signer,
      tls: authority.issue('localhost'),
      ...known,
      ...options,
    });
    open.push(tokens.close);
    const { realm } = tokens;
    const auth = (directory: string) => {
      const rootcertbundle = join(directory, 'signer.crt');
      writeFileSync(rootcertbundle, signer.cert);
      return { token: { realm, service: SERVICE, issuer: ISSUER, rootcertbundle } };
    };
    const { host } = await start({ auth });
    tokens.asked.length = 0;
    return { host, tokens };
  }

  describe('with tokens', () => {
    test.each(['ec', 'rsa'] as const)('signed with %s: login, pull, logout', async (algorithm) => {
      const { host, tokens } = await withTokens({}, algorithm);
      trust(host);
      const before = await pull(host);
      expect(before).toMatchObject({ code: 1 });
      expect(before.stderr).toContain(`gocker login ${host}`);
      expect(await login(host)).toMatchObject({ code: 0, stdout: 'Login Succeeded\n' });
      tokens.asked.length = 0;
      expect(await pull(host)).toMatchObject({ code: 0 });
      expect(tokens.asked).toEqual(['GET repository:team/busybox:pull']);
      expect(await gocker(['logout', host])).toMatchObject({ code: 0 });
      await gocker(['image', 'rm', `${host}/${NAME}`]);
      const after = await pull(host);
      expect(after).toMatchObject({ code: 1 });
      expect(after.stderr).toContain('to a reader without login');
      expect((await gocker(['images', '-q'])).stdout).toBe('');
    });

    test('a wrong password is refused, and not kept', async () => {
      const { host } = await withTokens();
      trust(host);
      const { code, stderr } = await gocker(['login', '-u', USER, '--password-stdin', `https://${host}`], {
        input: 'wrong',
      });
      expect(code).toBe(1);
      expect(stderr).toContain(`${host} refused the login of ${USER}`);
    });

    test('that live for no time: one for each request, and it goes well', async () => {
      const { host, tokens } = await withTokens({ expiresIn: 0 });
      trust(host);
      await login(host);
      expect(await pull(host)).toMatchObject({ code: 0 });
      expect(tokens.asked.length).toBeGreaterThan(2);
    });

    test('what stands for the password is kept instead of it', async () => {
      const { host, tokens } = await withTokens({ refreshToken: 'REFRESH-ME' });
      trust(host);
      await login(host);
      const config = readFileSync(join(home(), '.docker/config.json'), 'utf8');
      expect(config).toContain('REFRESH-ME');
      expect(config).not.toContain(Buffer.from(`${USER}:${PASSWORD}`).toString('base64'));
      tokens.asked.length = 0;
      expect(await pull(host)).toMatchObject({ code: 0 });
      expect(tokens.asked).toEqual(['POST repository:team/busybox:pull']);
    });

    test('that end in mid-pull are renewed', async () => {
      const { host, tokens } = await withTokens({ endsIn: -58 });
      trust(host);
      const client = createRegistryClient({
        settings: { mirrors: {}, insecure: [], certsFolders: [join(home(), '.config/containers/certs.d')] },
        credentials: async () => ({ username: USER, password: PASSWORD, source: 'the test' }),
      });
      const reference = parseReference(`https://${host}/${NAME}`);
      const { bytes } = await client.fetchManifest(reference);
      const [layer] = JSON.parse(bytes.toString()).layers;
      await sleep(3500);
      const blobs = await Promise.all([1, 2, 3].map(() => client.fetchBlob(reference, layer)));
      for (const { stream } of blobs) expect(digestOf(await bytesOf(stream))).toBe(layer.digest);
      expect(tokens.asked).toEqual(Array(2).fill('GET repository:team/busybox:pull'));
    });
  });
});
