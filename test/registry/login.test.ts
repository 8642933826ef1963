import { stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { loginKey } from '../../src/registry/login.ts';
import { failure, image, registry } from '../fixtures/client.ts';
import { basic, bearer, config, ENCODED, logIn, pull, stored } from './logging-in.ts';

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
