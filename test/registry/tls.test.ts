import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerOptions } from 'node:https';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseReference } from '../../src/image/reference.ts';
import { client, failure, image } from '../fixtures/client.ts';
import { createAuthority, startTlsRegistry, toLoopback } from '../fixtures/tls.ts';

const authority = createAuthority();
const server = authority.issue('box.test');
const me = authority.issue('me');
afterAll(() => authority.close());

let folder: string;
const open: (() => void)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gocker-test-'));
  // What this machine trusts is not what is tested.
  vi.stubEnv('SSL_CERT_FILE', join(folder, 'none'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const close of open.splice(0)) close();
  rmSync(folder, { recursive: true });
});

async function start(options: ServerOptions = server): Promise<number> {
  const started = await startTlsRegistry(image, options);
  open.push(started.close);
  return started.port;
}

function put(host: string, files: Record<string, string>): void {
  mkdirSync(join(folder, host), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, host, name), text);
}

function get(host: string, more: { insecure?: boolean } = {}) {
  const rule = { prefix: host, location: '', insecure: true, blocked: false, mirrors: [], file: 'f' };
  const settings = { mirrors: {}, insecure: [], certsFolders: [folder], rules: more.insecure ? [rule] : [] };
  return client({ settings, lookup: toLoopback }).fetchManifest(parseReference(`${host}/team/app:1`));
}

describe('an authority of one’s own', () => {
  test('in certs.d, by host and port, is trusted', async () => {
    const host = `box.test:${await start()}`;
    put(host, { 'ca.crt': authority.cert });
    expect((await get(host)).bytes).toEqual(image.bytes);
  });

  test('nowhere: the error says who issued it and where it belongs', async () => {
    const host = `box.test:${await start()}`;
    const error = await failure(get(host));
    expect(error).toMatchObject({
      code: 'TLS_FAILED',
      message: `the certificate of ${host} is not trusted: it was issued by "Test Authority"`,
      hint: `when you trust it, put the certificate of the issuer into /etc/docker/certs.d/${host}/ca.crt`,
    });
  });

  test('of another host is not', async () => {
    const host = `box.test:${await start()}`;
    put('box.test:1', { 'ca.crt': authority.cert });
    expect((await failure(get(host))).code).toBe('TLS_FAILED');
  });

  test('that did not issue it: the error names the file', async () => {
    const other = createAuthority('Other');
    open.push(other.close);
    const host = `box.test:${await start()}`;
    put(host, { 'ca.crt': other.cert });
    expect((await failure(get(host))).message).toContain(join(folder, host, 'ca.crt'));
  });

  test('among the machine’s is trusted', async () => {
    const host = `box.test:${await start()}`;
    writeFileSync(join(folder, 'bundle'), authority.cert);
    vi.stubEnv('SSL_CERT_FILE', join(folder, 'bundle'));
    expect((await get(host)).bytes).toEqual(image.bytes);
  });
});

test('a certificate that signed itself', async () => {
  const error = await failure(get(`box.test:${await start(authority)}`));
  expect(error.message).toContain('"Test Authority" signed it itself');
  expect(error.hint).toContain('the certificate of the server');
});

test('a certificate for another name', async () => {
  const host = `other.test:${await start()}`;
  put(host, { 'ca.crt': authority.cert });
  const error = await failure(get(host));
  expect(error.message).toBe(`the certificate of ${host} is for another name: it is for DNS:box.test`);
});

test('a certificate that has expired', async () => {
  const host = `box.test:${await start(authority.issue('box.test', { days: -1 }))}`;
  put(host, { 'ca.crt': authority.cert });
  expect((await failure(get(host))).message).toMatch(
    /^the certificate of box\.test:\d+ expired on \w+ +\d+ /,
  );
});

describe('a server that wants a certificate of us', () => {
  const strict = { ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: true };

  test('gets the one in certs.d', async () => {
    const host = `box.test:${await start(strict)}`;
    put(host, { 'ca.crt': authority.cert, 'client.cert': me.cert, 'client.key': me.key });
    expect((await get(host)).bytes).toEqual(image.bytes);
  });

  test('and has none: the error says where it belongs', async () => {
    const host = `box.test:${await start(strict)}`;
    put(host, { 'ca.crt': authority.cert });
    const error = await failure(get(host));
    expect(error.code).toBe('TLS_FAILED');
    expect(error.hint).toContain(`/etc/docker/certs.d/${host}/client.cert`);
  });
});

test('who the registry sends us to is trusted as it is, and is shown no certificate of ours', async () => {
  let shown: boolean | undefined;
  const asks = { ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: false };
  const there = createServer(asks, ({ socket }, response) => {
    shown = 'raw' in (socket as TLSSocket).getPeerCertificate();
    response.writeHead(200, { 'content-type': image.mediaType }).end(image.bytes);
  });
  await new Promise<void>((resolve) => there.listen(0, '127.0.0.1', resolve));
  const location = `https://box.test:${(there.address() as AddressInfo).port}/x`;
  const here = createServer(asks, (_, response) => response.writeHead(307, { location }).end());
  await new Promise<void>((resolve) => here.listen(0, '127.0.0.1', resolve));
  for (const one of [here, there])
    open.push(() => {
      one.close();
      one.closeAllConnections();
    });
  const host = `box.test:${(here.address() as AddressInfo).port}`;
  const files = { 'ca.crt': authority.cert, 'client.cert': me.cert, 'client.key': me.key };
  put(host, files);
  expect((await get(host)).bytes).toEqual(image.bytes);
  expect(shown).toBe(false);
  put(new URL(location).host, files);
  await get(host);
  expect(shown).toBe(true);
});

test.each([
  ['a certificate without its key', { 'client.cert': 'x' }, 'client.key is missing'],
  ['a key without its certificate', { 'client.key': 'x' }, 'client.cert is missing'],
  ['what is no PEM', { 'ca.crt': 'x' }, 'ca.crt is not in PEM format'],
] as [string, Record<string, string>, string][])('%s is refused by name', async (_, files, why) => {
  const host = `box.test:${await start()}`;
  put(host, files);
  const error = await failure(get(host));
  expect(error.code).toBe('INVALID_CERTS');
  expect(error.message).toContain(join(folder, host));
  expect(error.message).toContain(why);
});

test('where any certificate will do, any does, and nowhere else', async () => {
  const host = `box.test:${await start()}`;
  expect((await get(host, { insecure: true })).source).toBe(`https://${host}`);
  expect((await failure(get(host))).code).toBe('TLS_FAILED');
});
