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
  status: number;
  body?: string;
  headers?: Record<string, string>;
  credential?: typeof me;
  url?: string;
}

function answer({ status, body = '', headers = {}, credential, url = `${hub.base}/v2/x` }: Given) {
  const response = { status, headers, body: Readable.from([Buffer.from(body)]), url: new URL(url) };
  return refusal(response, {
    endpoint: hub,
    repository: 'me/app',
    what: 'manifest 1',
    credential,
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
  expect(error.hint).toContain('docker login docker.io');
});

test('a refused login is named', async () => {
  const error = await answer({ status: 403, body: errors('DENIED', 'no access'), credential: me });
  expect(error).toMatchObject({ code: 'DENIED', message: 'docker.io refused me/app to me: no access' });
  expect(error.hint).toContain(me.source);
});

describe('too many requests', () => {
  test.each([
    ['30', undefined, 'try again in 30 seconds, or log in: docker login docker.io'],
    ['30', me, 'try again in 30 seconds'],
    ['Wed, 21 Oct 2065 07:28:00 GMT', me, 'try again later'],
    ['9999999999', me, 'try again later'],
  ])('Retry-After %s', async (after, credential, hint) => {
    const given = { status: 429, headers: { 'retry-after': after }, ...(credential && { credential }) };
    expect(await answer(given)).toMatchObject({ code: 'RATE_LIMITED', hint });
  });
});

test('401 of a storage host is not about logins', async () => {
  const error = await answer({ status: 401, url: 'https://cdn.io/x?sig=SECRET', credential: me });
  expect(error).toMatchObject({ code: 'UNEXPECTED_ANSWER', url: 'https://cdn.io/x' });
  expect(error.message).toBe('cdn.io answered HTTP 401 for the manifest 1 of me/app');
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
