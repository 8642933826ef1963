import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { parseReference } from '../../src/image/reference.ts';
import type { RegistrySettings } from '../../src/registry/endpoint.ts';
import { proxyFor, readProxySettings } from '../../src/registry/proxy.ts';
import { bytesOf, client, failure, image, layer, registry } from '../fixtures/client.ts';
import { digestOf } from '../fixtures/image.ts';
import { startProxy as startTestProxy } from '../fixtures/proxy.ts';
import { createAuthority, startTlsRegistry } from '../fixtures/tls.ts';

describe('who goes through a proxy', () => {
  const through = (url: string, env: NodeJS.ProcessEnv) =>
    proxyFor(new URL(url), readProxySettings(env))?.url.href;
  const p = { HTTP_PROXY: 'http://p1:1', HTTPS_PROXY: 'https://p2:2' };

  test('by scheme, upper before lower case, with or without a scheme of its own', () => {
    expect(through('http://a.io', p)).toBe('http://p1:1/');
    expect(through('https://a.io', p)).toBe('https://p2:2/');
    expect(through('https://a.io', { https_proxy: 'p3:3' })).toBe('http://p3:3/');
    expect(through('https://a.io', { https_proxy: 'p3:3', ...p })).toBe('https://p2:2/');
    expect(through('https://a.io', { HTTP_PROXY: 'p1:1' })).toBeUndefined();
    expect(through('https://a.io', { HTTPS_PROXY: '' })).toBeUndefined();
    expect(readProxySettings({ NO_PROXY: 'x' })).toBeUndefined();
  });

  test.each(['http://localhost', 'https://127.0.0.1:5000', 'http://[::1]:5000', 'https://x.localhost'])(
    'never this machine: %s',
    (url) => {
      expect(through(url, p)).toBeUndefined();
    },
  );

  test.each([
    ['a.io', 'https://a.io', true],
    ['a.io', 'https://sub.a.io', true],
    ['a.io', 'https://xa.io', false],
    ['A.IO', 'https://a.io', true],
    ['.a.io', 'https://sub.a.io', true],
    ['.a.io', 'https://a.io', false],
    ['*.a.io', 'https://sub.a.io', true],
    ['b.io, a.io', 'https://a.io', true],
    ['a.io:443', 'https://a.io', true],
    ['a.io:8443', 'https://a.io', false],
    ['a.io:8443', 'https://a.io:8443', true],
    ['*', 'https://a.io', true],
    ['10.0.0.1', 'https://10.0.0.1', true],
    ['10.0.0.1', 'https://10.0.0.11', false],
    ['10.0.0.0/8', 'https://10.9.9.9', true],
    ['10.0.0.0/8', 'https://11.0.0.1', false],
    ['10.0.0.0/99', 'https://10.0.0.1', false],
    ['fd00::/8', 'https://[fd00::5]', true],
    ['[fd00::5]:443', 'https://[fd00::5]', true],
    ['', 'https://a.io', false],
  ])('NO_PROXY=%j and %s: directly is %s', (list, url, direct) => {
    expect(through(url, { ...p, NO_PROXY: list }) === undefined).toBe(direct);
    expect(through(url, { ...p, no_proxy: list }) === undefined).toBe(direct);
  });

  test.each(['socks5://p:1', 'http://', 'ht tp://u:SECRET@p', 'http://u:SECRET%zz@p'])(
    'refuses %j, without saying it',
    (value) => {
      expect(() => readProxySettings({ HTTPS_PROXY: value })).toThrow('HTTPS_PROXY names no proxy');
      expect(() => readProxySettings({ HTTPS_PROXY: value })).not.toThrow('SECRET');
      expect(readProxySettings({ HTTPS_PROXY: 'http://p:1' })?.https?.variable).toBe('HTTPS_PROXY');
    },
  );
});

const close: (() => void)[] = [];
afterEach(() => {
  for (const one of close.splice(0)) one();
});

async function startProxy(target: string, refuse?: number) {
  const proxy = await startTestProxy(target, refuse);
  close.push(proxy.close);
  return proxy;
}

function clientThrough(port: number, more: Partial<RegistrySettings> = {}) {
  const proxies = readProxySettings({
    HTTP_PROXY: `http://me:p%40ss@127.0.0.1:${port}`,
    HTTPS_PROXY: `http://me:p%40ss@127.0.0.1:${port}`,
  })!;
  return client({ settings: { mirrors: {}, insecure: [], proxies, ...more } });
}

describe('through a proxy', () => {
  test('plain http is asked for with the whole address', async () => {
    const origin = await registry();
    const { port, asked } = await startProxy(origin.host);
    const one = clientThrough(port, { insecure: ['box.test:5000'] });
    const reference = parseReference('box.test:5000/team/app:1');
    expect((await one.fetchManifest(reference)).bytes).toEqual(image.bytes);
    expect(digestOf(await bytesOf((await one.fetchBlob(reference, layer)).stream))).toBe(layer.digest);
    expect(asked[0]).toEqual({
      method: 'GET',
      url: 'http://box.test:5000/v2/team/app/manifests/1',
      authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
    });
    expect(JSON.stringify(origin.requests)).not.toContain('proxy-authorization');
  });

  test('one that refuses is named, its password is not', async () => {
    const { port, asked } = await startProxy('127.0.0.1:1', 407);
    const error = await failure(clientThrough(port).fetchManifest(parseReference('a.test/x')));
    expect(error.code).toBe('PROXY_FAILED');
    expect(error.message).toBe(
      `the proxy 127.0.0.1:${port} (HTTPS_PROXY) does not let us through to a.test: HTTP 407`,
    );
    expect(asked).toMatchObject([{ method: 'CONNECT', url: 'a.test:443' }]);
    expect(error.message + error.hint + error.stack).not.toContain('p%40ss');
    expect(error.message + error.hint + error.stack).not.toContain('p@ss');
    const plain = clientThrough(port, { insecure: ['a.test'] }).fetchManifest(parseReference('a.test/x'));
    expect(await failure(plain)).toMatchObject({
      code: 'PROXY_FAILED',
      message: `the proxy 127.0.0.1:${port} (HTTP_PROXY) does not let us through to a.test: HTTP 407`,
      hint: `write HTTP_PROXY=http://USER:PASSWORD@127.0.0.1:${port}`,
    });
  });

  test('https is tunnelled', async () => {
    const authority = createAuthority();
    const tls = await startTlsRegistry(image, authority.issue('box.test'));
    close.push(tls.close, authority.close);
    const certs = mkdtempSync(join(tmpdir(), 'gocker-test-'));
    close.push(() => rmSync(certs, { recursive: true }));
    mkdirSync(join(certs, 'box.test'));
    writeFileSync(join(certs, 'box.test/ca.crt'), authority.cert);
    const { port, asked } = await startProxy(`127.0.0.1:${tls.port}`);
    const fetched = await clientThrough(port, { certsFolders: [certs] }).fetchManifest(
      parseReference('box.test/x:1'),
    );
    expect(fetched.bytes).toEqual(image.bytes);
    expect(asked).toMatchObject([{ method: 'CONNECT', url: 'box.test:443' }]);
    expect(asked[0]!.authorization).toMatch(/^Basic /);
    expect(tls.requests).toEqual(['box.test/v2/x/manifests/1']);
  });

  test('one that does not answer is named', async () => {
    const { port } = await startProxy('127.0.0.1:1', 0);
    const error = await failure(clientThrough(port).fetchManifest(parseReference('a.test/x')));
    expect(error).toMatchObject({
      code: 'PROXY_FAILED',
      message: `the proxy 127.0.0.1:${port} (HTTPS_PROXY) does not answer`,
    });
  });

  test('one that is not there is named', async () => {
    const { port } = await startProxy('127.0.0.1:1');
    for (const one of close.splice(0)) one();
    const error = await failure(clientThrough(port).fetchManifest(parseReference('a.test/x')));
    expect(error).toMatchObject({
      code: 'PROXY_FAILED',
      message: `the proxy 127.0.0.1:${port} (HTTPS_PROXY) cannot be reached`,
    });
    expect(error.hint).toContain('add a.test to NO_PROXY');
  });

  test('loopback is asked directly', async () => {
    const origin = await registry();
    const { port, asked } = await startProxy(origin.host);
    await clientThrough(port).fetchManifest(parseReference(`${origin.host}/team/app:1`));
    expect(asked).toEqual([]);
    expect(origin.requests).toHaveLength(1);
  });
});
