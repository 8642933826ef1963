import { describe, expect, test } from 'vitest';
import { parseReference } from '../../src/image/reference.ts';
import type { Credential } from '../../src/registry/credentials.ts';
import type { Endpoint } from '../../src/registry/endpoint.ts';
import { checkRealm } from '../../src/registry/token.ts';
import { bytesOf, client, failure, image, layer, patientClient, registry } from '../fixtures/client.ts';
import { digestOf } from '../fixtures/image.ts';
import type { Access, TestRegistry } from '../fixtures/registry.ts';

const me: Credential = { username: 'me', password: 'SECRET', source: '/home/me/.docker/config.json' };
const anonymous = { scheme: 'bearer' } as const;
const personal: Access = { scheme: 'bearer', username: 'me', password: 'SECRET' };
const refOf = ({ host }: TestRegistry, name = 'team/app:1') => parseReference(`${host}/${name}`);
const tokenRequests = ({ requests }: TestRegistry) =>
  requests.filter(({ path }) => path.startsWith('/token'));

describe('a bearer token', () => {
  test('is fetched once and used for all of a repository', async () => {
    const origin = await registry({ access: anonymous });
    const one = client();
    await one.fetchManifest(refOf(origin));
    await one.fetchManifest(refOf(origin), image.digest);
    await bytesOf((await one.fetchBlob(refOf(origin), layer)).stream);
    expect(origin.requests.map(({ path }) => path.split(/[?:]/)[0])).toEqual([
      '/v2/team/app/manifests/1',
      '/token',
      '/v2/team/app/manifests/1',
      '/v2/team/app/manifests/sha256',
      '/v2/team/app/blobs/sha256',
    ]);
    const query = new URL(tokenRequests(origin)[0]!.path, origin.url).searchParams;
    expect(Object.fromEntries(query)).toEqual({ service: 'test', scope: 'repository:team/app:pull' });
  });

  test('is fetched once for many requests at the same time', async () => {
    const origin = await registry({ access: anonymous });
    const one = client();
    await Promise.all(Array.from({ length: 8 }, () => one.fetchManifest(refOf(origin))));
    expect(tokenRequests(origin)).toHaveLength(1);
  });

  test('of one repository is not shown for another', async () => {
    const origin = await registry({ access: anonymous });
    origin.addImage('team/other', '1', image);
    const one = client();
    await one.fetchManifest(refOf(origin));
    await one.fetchManifest(refOf(origin, 'team/other:1'));
    expect(tokenRequests(origin)).toHaveLength(2);
    const first = origin.requests.find(({ path }) => path.includes('team/other'))!;
    expect(first.headers.authorization).toBeUndefined();
  });

  test('may be called access_token', async () => {
    const origin = await registry({ access: { ...anonymous, field: 'access_token' } });
    expect((await client().fetchManifest(refOf(origin))).bytes).toEqual(image.bytes);
  });

  test('is renewed when its time is over', async () => {
    const origin = await registry({ access: { ...anonymous, expiresIn: 0 } });
    const one = client();
    await one.fetchManifest(refOf(origin));
    await one.fetchManifest(refOf(origin));
    expect(tokenRequests(origin)).toHaveLength(2);
    expect(origin.requests).toHaveLength(5);
  });

  test('is renewed once when it is refused', async () => {
    const origin = await registry({ access: anonymous });
    const one = client();
    await one.fetchManifest(refOf(origin));
    origin.revokeTokens();
    await Promise.all([one.fetchManifest(refOf(origin)), one.fetchManifest(refOf(origin))]);
    expect(tokenRequests(origin)).toHaveLength(2);
  });

  test('is renewed once for all layers that break off when it has ended', async () => {
    const origin = await registry({ access: anonymous });
    const one = patientClient();
    origin.misbehave(/blobs/, {
      cutAfter: 100_000,
      times: 4,
      when: ({ headers }) => !headers.range && Boolean(headers.authorization),
    });
    const blobs = await Promise.all(Array.from({ length: 4 }, () => one.fetchBlob(refOf(origin), layer)));
    expect(tokenRequests(origin)).toHaveLength(1);
    origin.revokeTokens();
    const digests = await Promise.all(blobs.map(async ({ stream }) => digestOf(await bytesOf(stream))));
    expect(digests).toEqual(Array(4).fill(layer.digest));
    expect(tokenRequests(origin)).toHaveLength(2);
  });

  test('that ends at once is still fetched once for all that ask together', async () => {
    const origin = await registry({ access: { ...anonymous, expiresIn: 0 } });
    const one = client();
    await one.fetchManifest(refOf(origin));
    await Promise.all(Array.from({ length: 8 }, () => one.fetchManifest(refOf(origin))));
    expect(tokenRequests(origin)).toHaveLength(2);
  });

  test('is not asked for again and again', async () => {
    const origin = await registry({ access: anonymous });
    const challenge = `Bearer realm="${origin.url}/token",service="test"`;
    origin.misbehave(/manifests/, { status: 401, headers: { 'www-authenticate': challenge } });
    const error = await failure(client().fetchManifest(refOf(origin)));
    expect(error).toMatchObject({ code: 'UNAUTHORIZED', status: 401 });
    expect(origin.requests).toHaveLength(3);
  });
});

describe('a login', () => {
  test('is shown to the token server alone', async () => {
    const origin = await registry({ access: personal });
    const one = client({ credentials: async (key) => (key === origin.host ? me : undefined) });
    expect((await one.fetchManifest(refOf(origin))).bytes).toEqual(image.bytes);
    const shown = origin.requests.filter(({ headers }) => headers.authorization?.startsWith('Basic '));
    expect(shown.map(({ path }) => path.split('?')[0])).toEqual(['/token']);
    expect(new URL(shown[0]!.path, origin.url).searchParams.get('account')).toBe('me');
  });

  test('goes to the registry where that asks for basic, and stays known', async () => {
    const origin = await registry({ access: { ...personal, scheme: 'basic' } });
    const one = client({ credentials: async () => me });
    await one.fetchManifest(refOf(origin));
    await one.fetchManifest(refOf(origin));
    expect(origin.requests).toHaveLength(3);
  });

  test('of one registry is never shown to another (port counts)', async () => {
    const [mine, other] = [
      await registry({ access: personal }),
      await registry({ access: { ...personal, scheme: 'basic' } }),
    ];
    const one = client({ credentials: async (key) => (key === mine.host ? me : undefined) });
    await one.fetchManifest(refOf(mine));
    const error = await failure(one.fetchManifest(refOf(other)));
    expect(error).toMatchObject({ code: 'UNAUTHORIZED' });
    expect(error.message).toContain('without login');
    expect(error.hint).toContain(`gocker login ${other.host}`);
    expect(JSON.stringify(other.requests)).not.toContain('authorization');
  });

  test('that is wrong is named, without its secret', async () => {
    for (const scheme of ['basic', 'bearer'] as const) {
      const origin = await registry({ access: { ...personal, scheme, password: 'other' } });
      const error = await failure(client({ credentials: async () => me }).fetchManifest(refOf(origin)));
      expect(error.code).toBe('UNAUTHORIZED');
      expect(error.message).toContain('refused team/app to me');
      expect(error.hint).toContain(me.source);
      expect(JSON.stringify([error, error.message, error.hint])).not.toMatch(/SECRET|bWU6/);
    }
  });

  test('missing: the token server says no', async () => {
    const origin = await registry({ access: personal });
    const error = await failure(client().fetchManifest(refOf(origin)));
    expect(error).toMatchObject({ code: 'UNAUTHORIZED', status: 401 });
  });
});

describe('the token server', () => {
  test.each([
    ['too much', { body: `{"token":"${'x'.repeat(70_000)}"}` }, 'TOO_LARGE'],
    ['an endless answer', { endless: true }, 'TOO_LARGE'],
    ['no JSON', { body: 'hello' }, 'INVALID_JSON'],
    ['a page', { html: true }, 'NOT_A_REGISTRY'],
    ['no token', { body: '{}' }, 'INVALID_TOKEN'],
    ['null', { body: '{"token":null}' }, 'INVALID_TOKEN'],
    ['a token that breaks the header', { body: '{"token":"a\\r\\nx: y"}' }, 'INVALID_TOKEN'],
    ['a negative life', { body: '{"token":"a","expires_in":-1}' }, 'INVALID_TOKEN'],
    ['500', { status: 500 }, 'REGISTRY_UNAVAILABLE'],
    ['silence', { stallAfter: -1 }, 'REGISTRY_TIMEOUT'],
    ['a redirect to this network', { redirect: 'http://169.254.169.254/' }, 'REDIRECT_REFUSED'],
  ])('answers %s', async (_, behaviour, code) => {
    const origin = await registry({ access: anonymous });
    origin.misbehave('/token', { ...behaviour, times: 1 });
    const one = client();
    expect((await failure(one.fetchManifest(refOf(origin)))).code).toBe(code);
    expect((await one.fetchManifest(refOf(origin))).bytes).toEqual(image.bytes);
  });

  test('elsewhere gets no login through a redirect', async () => {
    const [origin, evil] = [await registry({ access: personal }), await registry()];
    origin.misbehave('/token', { redirect: `${evil.url}/token` });
    const error = await failure(client({ credentials: async () => me }).fetchManifest(refOf(origin)));
    expect(error.code).toBe('UNAUTHORIZED');
    expect(evil.requests).toHaveLength(1);
    expect(JSON.stringify(evil.requests)).not.toContain('authorization');
  });

  test.each([
    'http://169.254.169.254/latest',
    'https://169.254.169.254/latest',
    'https://10.0.0.1/t',
    'http://auth.example.com/t',
    'http://me:pw@127.0.0.1/t',
    'file:///etc/passwd',
    'nonsense',
  ])('named as %s is not asked', async (realm) => {
    const origin = await registry({ access: { ...anonymous, realm } });
    const one = client({ credentials: async () => me });
    expect((await failure(one.fetchManifest(refOf(origin)))).code).toBe('REALM_REFUSED');
    expect(origin.requests).toHaveLength(1);
  });
});

describe('realms of a public registry', () => {
  const hub: Endpoint = { base: 'https://r.io', account: 'r.io', plain: false, mirror: false };

  test.each([
    'https://auth.r.io/token',
    'https://other.io:8443/t?x=1',
    'https://r.io/token',
    'https://8.8.8.8/t',
  ])('%s is fine', (realm) => {
    expect(checkRealm(realm, hub).href).toBe(realm);
  });

  test.each([
    'http://auth.r.io/token',
    'http://r.io/token',
    'http://127.0.0.1/t',
    'https://127.0.0.1/t',
    'https://localhost/t',
    'https://[::1]/t',
    'https://[::ffff:127.0.0.1]/t',
    'https://2852039166/t',
    'https://192.168.0.1/t',
    'https://0.0.0.0/t',
    'https://user@auth.r.io/t',
    'unix:///run/x',
    '/token',
    '',
    undefined,
  ])('%s is refused', (realm) => {
    expect(() => checkRealm(realm, hub)).toThrowError(expect.objectContaining({ code: 'REALM_REFUSED' }));
  });
});
