import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { parseReference } from '../../src/image/reference.ts';
import type { HttpRequest, Send } from '../../src/registry/http.ts';
import { follow } from '../../src/registry/redirect.ts';
import { bytesOf, client, failure, image, layer, registry } from '../fixtures/client.ts';
import { digestOf } from '../fixtures/image.ts';

/** A network in which each address leads to the next. */
function network(...hops: string[]): { send: Send; seen: HttpRequest[] } {
  const seen: HttpRequest[] = [];
  const send: Send = async (request) => {
    seen.push(request);
    const next = hops[seen.length - 1];
    const headers = next === undefined ? {} : { location: next };
    return { status: next === undefined ? 200 : 307, headers, body: Readable.from([]), url: request.url };
  };
  return { send, seen };
}

const request = {
  url: new URL('https://a.io/v2/x'),
  headers: { authorization: 'Bearer SECRET', accept: 'x' },
};

async function walk(...hops: string[]) {
  const { send, seen } = network(...hops);
  await follow(send, request);
  return seen.map(({ url, headers }) => [url.href, headers.authorization]);
}

describe('the authorization header', () => {
  test('stays on the same scheme, host and port', async () => {
    expect(await walk('/other', 'https://a.io:443/third')).toEqual([
      ['https://a.io/v2/x', 'Bearer SECRET'],
      ['https://a.io/other', 'Bearer SECRET'],
      ['https://a.io/third', 'Bearer SECRET'],
    ]);
  });

  test.each(['https://b.io/', 'https://a.io:8443/', 'https://sub.a.io/', 'https://a.io.evil.io/'])(
    'is dropped on the way to %s, for good',
    async (hop) => {
      const seen = await walk(hop, 'https://a.io/back');
      expect(seen.map(([, authorization]) => authorization)).toEqual(['Bearer SECRET', undefined, undefined]);
      expect(seen[1]![0]).toBe(hop);
    },
  );
});

test.each([
  ['http://a.io/', 'from https to plain'],
  ['http://b.io/', 'from https to plain'],
  ['file:///etc/passwd', 'redirects to file:'],
  ['unix:/run/x.sock', 'redirects to unix:'],
  ['data:text/plain,x', 'redirects to data:'],
  ['https://user:pass@b.io/', 'with a user name'],
  ['https://', 'no address'],
  ['https://127.0.0.1/', 'address of this network'],
  ['https://localhost/', 'address of this network'],
  ['https://169.254.169.254/latest/meta-data', 'address of this network'],
  ['https://0x7f.1/', 'address of this network'],
])('refuses to follow to %s', async (hop, why) => {
  const { send, seen } = network(hop);
  const error = await failure(follow(send, request));
  expect(error).toMatchObject({ code: 'REDIRECT_REFUSED', url: 'https://a.io/v2/x' });
  expect(error.message).toContain(why);
  expect(seen).toHaveLength(1);
});

test('from http to https is fine', async () => {
  const { send, seen } = network('https://b.io/');
  await follow(send, { ...request, url: new URL('http://127.0.0.1/') });
  expect(seen.map(({ url }) => url.protocol)).toEqual(['http:', 'https:']);
});

test('a private address only where it is not strict', async () => {
  expect(await walk('https://10.0.0.1/')).toHaveLength(2);
  const strict = follow(network('https://10.0.0.1/').send, request, { strict: true });
  expect((await failure(strict)).code).toBe('REDIRECT_REFUSED');
});

test('five redirects, not six, not for ever', async () => {
  expect(await walk('/1', '/2', '/3', '/4', '/5')).toHaveLength(6);
  const { send, seen } = network('/1', '/2', '/3', '/4', '/5', '/6', '/7');
  expect((await failure(follow(send, request))).message).toContain('more than 5 times');
  expect(seen).toHaveLength(6);
});

test('a redirect without a place to go', async () => {
  const send: Send = async ({ url }) => ({ status: 302, headers: {}, body: Readable.from([]), url });
  expect((await failure(follow(send, request))).message).toContain('to nowhere');
});

describe('a blob that is kept elsewhere', () => {
  const access = { scheme: 'bearer' } as const;

  test('is fetched there, without the registry’s token', async () => {
    const [origin, storage] = [await registry({ access }), await registry()];
    origin.misbehave(/blobs/, {
      redirect: `${storage.url}/v2/team/app/blobs/${layer.digest}?sig=1`,
      when: hasToken,
    });
    const blob = await client().fetchBlob(parseReference(`${origin.host}/team/app:1`), layer);
    expect(digestOf(await bytesOf(blob.stream))).toBe(layer.digest);
    expect(blob.source).toBe(origin.url);
    expect(origin.requests.at(-1)!.headers.authorization).toMatch(/^Bearer /);
    expect(storage.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test('gets no login when it asks for one (CVE-2020-15157)', async () => {
    const credentials = async () => ({ username: 'me', password: 'SECRET', source: 'test' });
    const login = { ...access, username: 'me', password: 'SECRET' };
    const [origin, evil] = [await registry({ access: login }), await registry()];
    evil.misbehave(/./, { status: 401, headers: { 'www-authenticate': `Basic realm="x"` } });
    origin.misbehave(/blobs/, { redirect: `${evil.url}/x`, when: hasToken });
    const one = client({ credentials });
    const error = await failure(one.fetchBlob(parseReference(`${origin.host}/team/app:1`), layer));
    expect(error).toMatchObject({ code: 'UNEXPECTED_ANSWER', status: 401 });
    expect(error.message).toContain(evil.host);
    expect(evil.requests).toHaveLength(1);
    expect(JSON.stringify(evil.requests)).not.toMatch(/authorization|SECRET|Bearer/);
    expect((await one.fetchManifest(parseReference(`${origin.host}/team/app:1`))).bytes).toEqual(image.bytes);
  });

  function hasToken({ headers }: IncomingMessage): boolean {
    return headers.authorization !== undefined;
  }
});

test('who cannot be reached on the way is named, and who sent us there', async () => {
  const { host, misbehave } = await registry();
  misbehave(/blobs/, { redirect: 'http://127.0.0.1:1/x?signature=SECRET' });
  const error = await failure(client().fetchBlob(parseReference(`${host}/team/app:1`), layer));
  expect(error.message).toBe(`127.0.0.1:1 refused the connection (${host} redirects there)`);
  expect(error.hint).toContain('this machine may reach 127.0.0.1:1');
});

test('errors do not show the query of a signed address', async () => {
  const [origin, storage] = [await registry(), await registry()];
  storage.misbehave(/./, { status: 500 });
  origin.misbehave(/blobs/, { redirect: `${storage.url}/x?signature=SECRET` });
  const error = await failure(client().fetchBlob(parseReference(`${origin.host}/team/app:1`), layer));
  expect(error).toMatchObject({ status: 500, url: `${storage.url}/x` });
  expect(error.message).not.toContain('SECRET');
});
