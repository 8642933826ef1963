import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { parseReference } from '../../src/image/reference.ts';
import { bytesOf, client, failure, layer, registry } from '../fixtures/client.ts';
import { digestOf } from '../fixtures/image.ts';
import type { Behaviour } from '../fixtures/misbehave.ts';

async function fetched(behaviour: Behaviour, descriptor = layer): Promise<Buffer> {
  const { host, misbehave } = await registry();
  misbehave(/blobs/, behaviour);
  const { stream } = await client().fetchBlob(parseReference(`${host}/team/app:1`), descriptor);
  return bytesOf(stream);
}

test.each([
  ['a length that the manifest does not say', { body: 'short' }, 'SIZE_MISMATCH'],
  ['a lying length header', { contentLength: 5 }, 'SIZE_MISMATCH'],
  ['a body cut short', { cutAfter: 100_000 }, 'REGISTRY_UNREACHABLE'],
  ['a body cut at once', { cutAfter: 0 }, 'REGISTRY_UNREACHABLE'],
  ['an endless body', { endless: true }, 'SIZE_MISMATCH'],
  ['chunks that end early', { body: 'short', contentLength: false }, 'SIZE_MISMATCH'],
  ['silence in the middle', { stallAfter: 100_000 }, 'REGISTRY_TIMEOUT'],
  ['a byte now and then', { drip: { bytes: 3, every: 10 } }, 'REGISTRY_TIMEOUT'],
  ['a page', { html: true }, 'NOT_A_REGISTRY'],
  ['a page in chunks', { html: true, contentLength: false }, 'NOT_A_REGISTRY'],
  ['503', { status: 503 }, 'REGISTRY_UNAVAILABLE'],
  [
    'gzip that a cache put around it',
    { body: gzipSync(layer.bytes), headers: { 'content-encoding': 'gzip' } },
    'SIZE_MISMATCH',
  ],
] as [string, Behaviour, string][])('%s fails', async (_, behaviour, code) => {
  expect((await failure(fetched(behaviour))).code).toBe(code);
});

test.each([
  ['chunks without a length', { contentLength: false }],
  ['a slow server', { drip: { bytes: 20_000, every: 50 } }],
  ['a Content-Encoding that is only said', { headers: { 'content-encoding': 'gzip' } }],
  ['any media type', { headers: { 'content-type': 'text/html' } }],
] as [string, Behaviour][])('%s are fine', async (_, behaviour) => {
  expect(digestOf(await fetched(behaviour))).toBe(layer.digest);
});

test('errors name the blob, the server and both sizes', async () => {
  const error = await failure(fetched({ body: 'short' }));
  expect(error.message).toMatch(
    /blob sha256:[a-f0-9]{64}.*expected \d+ bytes, 127\.0\.0\.1:\d+ announced "5"/,
  );
});

test('changed bytes come through: the digest is the reader’s to check', async () => {
  const bytes = await fetched({ flipByte: 7 });
  expect(bytes).toHaveLength(layer.size);
  expect(digestOf(bytes)).not.toBe(layer.digest);
});

test('a slow reader is no reason to fail', async () => {
  const { host } = await registry();
  const { stream } = await client().fetchBlob(parseReference(`${host}/team/app:1`), layer);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    if (chunks.length === 1) await new Promise((resolve) => setTimeout(resolve, 500));
    chunks.push(chunk);
  }
  expect(digestOf(Buffer.concat(chunks))).toBe(layer.digest);
});

test('destroying the stream closes the connection', async () => {
  const { host, misbehave, connections } = await registry();
  misbehave(/blobs/, { endless: true });
  const { stream } = await client().fetchBlob(parseReference(`${host}/team/app:1`), { ...layer, size: 1e12 });
  for await (const chunk of stream) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
  stream.destroy();
  await expect.poll(connections).toBe(0);
});

describe('from an offset', () => {
  async function from(offset: number, behaviour: Behaviour = {}) {
    const { host, misbehave, requests } = await registry();
    misbehave(/blobs/, behaviour);
    const blob = await client().fetchBlob(parseReference(`${host}/team/app:1`), layer, { offset });
    return {
      offset: blob.offset,
      digest: digestOf(await bytesOf(blob.stream)),
      range: requests[0]!.headers.range,
    };
  }

  test('the rest is sent', async () => {
    const range = 'bytes=1000-';
    expect(await from(1000)).toEqual({ offset: 1000, digest: digestOf(layer.bytes.subarray(1000)), range });
    expect(await from(0)).toEqual({ offset: 0, digest: layer.digest, range: undefined });
  });

  test('a server without ranges sends all, of which the rest is handed on', async () => {
    const whole = { status: 200, body: layer.bytes, headers: { 'content-range': undefined } };
    const digest = digestOf(layer.bytes.subarray(1000));
    expect(await from(1000, whole)).toMatchObject({ offset: 1000, digest });
  });

  test.each([
    ['bytes 999-300031/300032'],
    [`bytes 1000-5/${layer.size}`],
    [`bytes 1000-${layer.size - 1}/7`],
    ['items 1-2/3'],
    [undefined],
  ])('another range is refused, and all is asked for: %s', async (range) => {
    const { host, misbehave, requests } = await registry();
    misbehave(/blobs/, { headers: { 'content-range': range } });
    const blob = await client().fetchBlob(parseReference(`${host}/team/app:1`), layer, { offset: 1000 });
    expect({ offset: blob.offset, digest: digestOf(await bytesOf(blob.stream)) }).toEqual({
      offset: 1000,
      digest: digestOf(layer.bytes.subarray(1000)),
    });
    expect(requests.map(({ headers }) => headers.range)).toEqual(['bytes=1000-', undefined]);
  });

  test('a part that nobody asked for is refused', async () => {
    const headers = { 'content-range': `bytes 0-${layer.size - 1}/${layer.size}` };
    expect((await failure(from(0, { status: 206, headers }))).code).toBe('BAD_RANGE');
  });
});
