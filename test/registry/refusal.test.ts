import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Endpoint } from '../../src/registry/endpoint.ts';
import { refusal } from '../../src/registry/refusal.ts';

const hub: Endpoint = {
  base: 'https://registry-1.docker.io',
  account: 'docker.io',
  plain: false,
  mirror: false,
};
const me = { username: 'me', password: 'SECRET', source: '/home/me/.docker/config.json' };

interface Given {
  searched?: string[];
  status: number;
  body?: string;
  headers?: Record<string, string>;
  credential?: typeof me;
  url?: string;
  mirror?: boolean;
  repository?: string;
}

function answer(given: Given) {
  const { status, body = '', headers = {}, credential, url = `${hub.base}/v2/x`, mirror = false } = given;
  const response = { status, headers, body: Readable.from([Buffer.from(body)]), url: new URL(url) };
  return refusal(response, {
    endpoint: { ...hub, mirror },
    repository: given.repository ?? 'me/app',
    what: 'manifest 1',
    credential,
    searched: given.searched,
    timeout: 100,
  });
}

const errors = (code: string, message: string) =>
  JSON.stringify({ errors: [{ code, message, detail: null }] });

test('Docker Hub says 401 of what does not exist', async () => {
  const error = await answer({ status: 401, body: errors('UNAUTHORIZED', 'authentication required') });
  expect(error).toMatchObject({
    code: 'UNAUTHORIZED',
    message: 'me/app does not exist on docker.io or needs a login',
    registryCodes: ['UNAUTHORIZED'],
  });
  expect(error.hint).toContain('gocker login docker.io');
});

test('where a login was looked for is told', async () => {
  const error = await answer({ status: 401, searched: ['/root/.docker/config.json'] });
  expect(error.hint).toMatch(
    /gocker login docker.io \(no login for it is in \/root\/.docker\/config.json\)$/,
  );
});

test.each([
  [400, 'NAME_INVALID', 'spelling of the name'],
  [451, '', 'another registry'],
  [405, '', 'that it is a registry'],
  [503, '', 'try again later'],
])('what to do about HTTP %d %s', async (status, code, hint) => {
  expect((await answer({ status, body: errors(code, 'no') })).hint).toContain(hint);
});

test('a refused login is named', async () => {
  const error = await answer({ status: 403, body: errors('DENIED', 'no access'), credential: me });
  expect(error).toMatchObject({ code: 'DENIED', message: 'docker.io refused me/app to me: no access' });
  expect(error.hint).toContain(me.source);
});

describe('too many requests', () => {
  const mirror = '; a mirror spares the quota (GOCKER_MIRRORS)';
  test.each([
    ['30', undefined, 'try again in 30 seconds, or log in: gocker login docker.io'],
    ['30', me, 'try again in 30 seconds'],
    ['7200', me, 'try again in 2 hours'],
    ['61', me, 'try again in 61 seconds'],
    ['soon', me, 'try again later'],
    ['9999999999', me, 'try again later'],
  ])('Retry-After %s', async (after, credential, hint) => {
    const given = { status: 429, headers: { 'retry-after': after }, ...(credential && { credential }) };
    expect(await answer(given)).toMatchObject({ code: 'RATE_LIMITED', hint: hint + mirror });
  });

  const headers = {
    'ratelimit-limit': '100;w=21600',
    'ratelimit-remaining': '0;w=21600',
    'docker-ratelimit-source': '192.0.2.7',
  };

  test('the quota, what is left, and who is meant', async () => {
    const [anonymous, known] = [
      await answer({ status: 429, headers }),
      await answer({ status: 429, headers, credential: me }),
    ];
    const counted = '100 requests in 6 hours are allowed, 0 are left, counted for 192.0.2.7';
    expect(anonymous.message).toBe(
      `docker.io allows no more requests for now: ${counted}, asked without login`,
    );
    expect(known.message).toBe(
      `docker.io allows no more requests for now: ${counted}, asked as me (${me.source})`,
    );
    expect(known.hint).not.toContain('log in');
    expect(known.transient).toBe(false);
    expect((await answer({ status: 429 })).transient).toBe(true);
  });
});

describe('a page', () => {
  const html = { 'content-type': 'text/html' };
  const body = '<html><head><title>\n Sign in to\u001b Hotel Wifi </title></head></html>';

  test('is named by its title', async () => {
    const error = await answer({ status: 200, headers: html, body });
    expect(error.code).toBe('NOT_A_REGISTRY');
    expect(error.message).toBe(
      `${hub.base} answered with the web page "Sign in to\\u{1b} Hotel Wifi" instead of the manifest of me/app:1`,
    );
    expect((await answer({ status: 404, headers: html, body: '<p>' })).message).toContain('with a web page');
  });

  test('with 403 is a no of a registry, and of a mirror that has closed something else', async () => {
    expect((await answer({ status: 403, headers: html, body })).code).toBe('DENIED');
    expect((await answer({ status: 403, headers: html, body, mirror: true })).code).toBe('NOT_A_REGISTRY');
  });
});

test('a login that is refused', async () => {
  const error = await answer({ status: 401, credential: me, repository: '' });
  expect(error).toMatchObject({ code: 'UNAUTHORIZED', message: 'docker.io refused the login of me' });
  expect(error.hint).toContain('password or access token');
});

test('401 of a storage host is not about logins', async () => {
  const error = await answer({ status: 401, url: 'https://cdn.io/x?sig=SECRET', credential: me });
  expect(error).toMatchObject({ code: 'UNEXPECTED_ANSWER', url: 'https://cdn.io/x' });
  expect(error.message).toBe('cdn.io answered HTTP 401 for the manifest of me/app:1');
});

test.each(['not JSON', '[]', '{"errors":{}}', '{"errors":[{"code":7}]}', '', 'x'.repeat(100_000)])(
  'whatever the body says, the status stands: %#',
  async (body) => {
    expect(await answer({ status: 502, body })).toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
      registryCodes: [],
    });
  },
);
