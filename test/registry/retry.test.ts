import { describe, expect, test } from 'vitest';
import { parseReference } from '../../src/image/reference.ts';
import { RegistryError } from '../../src/registry/error.ts';
import { backoff, RETRIES, retry } from '../../src/registry/retry.ts';
import { bytesOf, failure, image, layer, patientClient, registry } from '../fixtures/client.ts';
import { digestOf } from '../fixtures/image.ts';
import type { Behaviour, TestRegistry } from '../fixtures/registry.ts';

const refOf = ({ host }: TestRegistry) => parseReference(`${host}/team/app:1`);

describe('what may pass is tried again', () => {
  test.each([
    ['408', { status: 408 }],
    ['429', { status: 429 }],
    ['500', { status: 500 }],
    ['502', { status: 502, html: true }],
    ['503', { status: 503 }],
    ['a hang-up', { hangUp: true }],
    ['silence', { stallAfter: -1 }],
    ['a cut manifest', { cutAfter: 10 }],
    ['a stalled manifest', { stallAfter: 10 }],
  ] as [string, Behaviour][])('%s', async (_, behaviour) => {
    const origin = await registry();
    origin.misbehave(/manifests/, { ...behaviour, times: 2 });
    const { fetchManifest, waits } = patientClient();
    expect((await fetchManifest(refOf(origin))).bytes).toEqual(image.bytes);
    expect(origin.requests).toHaveLength(3);
    expect(waits).toEqual([375, 750]);
  });

  test('five times, then the last error counts', async () => {
    const origin = await registry();
    origin.misbehave(/manifests/, { status: 503 });
    const { fetchManifest, waits } = patientClient();
    expect(await failure(fetchManifest(refOf(origin)))).toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    expect(origin.requests).toHaveLength(5);
    expect(waits).toEqual([375, 750, 1500, 3000]);
  });

  test('blobs too, before their first byte', async () => {
    const origin = await registry();
    origin.misbehave(/blobs/, { status: 500, times: 4 });
    const { fetchBlob } = patientClient();
    expect(digestOf(await bytesOf((await fetchBlob(refOf(origin), layer)).stream))).toBe(layer.digest);
    expect(origin.requests).toHaveLength(5);
  });

  test('a token server: five times, and not five times five', async () => {
    const origin = await registry({ access: { scheme: 'bearer' } });
    origin.misbehave('/token', { status: 503, times: 4 });
    const { fetchManifest } = patientClient();
    expect((await fetchManifest(refOf(origin))).bytes).toEqual(image.bytes);
    origin.reset();
    origin.revokeTokens();
    origin.misbehave('/token', { status: 503 });
    expect((await failure(patientClient().fetchManifest(refOf(origin)))).code).toBe('REGISTRY_UNAVAILABLE');
    expect(origin.requests.filter(({ path }) => path.startsWith('/token'))).toHaveLength(5);
  });
});

test.each([400, 401, 403, 404, 405, 410, 416, 451])('%s is an answer', async (status) => {
  const origin = await registry();
  origin.misbehave(/./, { status });
  await failure(patientClient().fetchManifest(refOf(origin)));
  await failure(patientClient().fetchBlob(refOf(origin), layer));
  const asked = origin.requests.filter(({ path }) => !path.endsWith('/tags/list'));
  expect(asked).toHaveLength(2);
});

describe('Retry-After', () => {
  async function waited(headers: Record<string, string>, status = 429) {
    const origin = await registry();
    origin.misbehave(/manifests/, { status, headers, times: 1 });
    const { fetchManifest, waits, lines } = patientClient();
    await fetchManifest(refOf(origin));
    return { waits, lines };
  }

  test('in seconds', async () => {
    expect(await waited({ 'retry-after': '7' })).toEqual({
      waits: [7000],
      lines: [expect.stringMatching(/trying again in 7 s$/)],
    });
    expect((await waited({ 'retry-after': '7' }, 503)).waits).toEqual([7000]);
  });

  test('as a date, by the clock of the server', async () => {
    const date = 'Wed, 21 Oct 2065 07:00:00 GMT';
    const { waits } = await waited({ 'retry-after': 'Wed, 21 Oct 2065 07:00:20 GMT', date });
    expect(waits).toEqual([20_000]);
  });

  test('is at least the usual wait and at most a minute', async () => {
    expect((await waited({ 'retry-after': '0' })).waits).toEqual([375]);
    expect((await waited({ 'retry-after': '86400' })).waits).toEqual([60_000]);
  });

  test('missing where the quota is used up: nothing to wait for', async () => {
    const origin = await registry();
    const headers = { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '0;w=21600' };
    origin.misbehave(/manifests/, { status: 429, headers });
    expect((await failure(patientClient().fetchManifest(refOf(origin)))).code).toBe('RATE_LIMITED');
    expect(origin.requests).toHaveLength(1);
  });
});

describe('a mirror', () => {
  async function through(behaviour: Behaviour) {
    const [origin, mirror] = [await registry(), await registry()];
    mirror.misbehave(/./, behaviour);
    const settings = { mirrors: { [origin.host]: [mirror.url] }, insecure: [] };
    const one = patientClient({ settings });
    return { origin, mirror, one };
  }

  test('is tried twice, and the registry behind it five times', async () => {
    const { origin, mirror, one } = await through({ status: 500 });
    origin.misbehave(/./, { status: 500 });
    await failure(one.fetchManifest(refOf(origin)));
    expect([mirror.requests.length, origin.requests.length]).toEqual([2, 5]);
  });

  test('that wants a longer wait is passed over at once', async () => {
    const { origin, mirror, one } = await through({ status: 429, headers: { 'retry-after': '30' } });
    expect((await one.fetchManifest(refOf(origin))).source).toBe(origin.url);
    expect(mirror.requests).toHaveLength(1);
    expect(one.waits).toEqual([]);
  });

  test('that is of no use is not asked for every blob', async () => {
    const { origin, mirror, one } = await through({ status: 403 });
    await one.fetchManifest(refOf(origin));
    await bytesOf((await one.fetchBlob(refOf(origin), layer)).stream);
    expect(mirror.requests).toHaveLength(1);
    expect(one.lines).toHaveLength(1);
  });
});

test('a connection closed while it lay idle costs neither a try nor a wait', async () => {
  const origin = await registry();
  const { fetchManifest, waits } = patientClient({ retries: { tries: 1 } });
  await fetchManifest(refOf(origin));
  origin.misbehave(/manifests/, { hangUp: true, times: 1 });
  expect((await fetchManifest(refOf(origin))).bytes).toEqual(image.bytes);
  expect(waits).toEqual([]);
});

test('cancelling ends a wait', async () => {
  const origin = await registry();
  origin.misbehave(/manifests/, { status: 503 });
  const stop = new AbortController();
  const { fetchManifest } = patientClient({ retries: { sleep: RETRIES.sleep, base: 60_000 } });
  setTimeout(() => stop.abort(), 50);
  const error = await failure(fetchManifest(refOf(origin), undefined, { signal: stop.signal }));
  expect(error.code).toBe('CANCELLED');
  expect(origin.requests).toHaveLength(1);
});

test('a later wait is never shorter, and none is longer than the longest', () => {
  const waits = (random: () => number) =>
    Array.from({ length: 12 }, (_, at) => backoff(at + 1, { ...RETRIES, random }));
  for (const [shortest, longer] of [[waits(() => 0), waits(() => 0.999)]] as const) {
    for (let at = 1; at < 12; at++) expect(shortest[at]).toBeGreaterThanOrEqual(longer![at - 1]! * 0.99);
    expect(Math.max(...shortest, ...longer)).toBe(60_000);
  }
  expect(waits(() => 0)[0]).toBe(250);
});

test('faults of our own are not tried again', async () => {
  let tried = 0;
  const work = async (error: Error) => {
    tried++;
    throw error;
  };
  const options = { policy: { ...RETRIES, sleep: async () => {} }, log: () => {} };
  await expect(retry(() => work(new TypeError('bug')), options)).rejects.toThrow('bug');
  await expect(retry(() => work(new RegistryError('X', 'for good')), options)).rejects.toThrow('for good');
  expect(tried).toBe(2);
  await expect(retry(() => work(new RegistryError('X', 'y', { transient: true })), options)).rejects.toThrow(
    'y',
  );
  expect(tried).toBe(7);
});
