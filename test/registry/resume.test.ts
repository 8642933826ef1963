import { describe, expect, test } from 'vitest';
import { parseReference } from '../../src/image/reference.ts';
import type { Descriptor } from '../../src/image/types.ts';
import type { BlobOptions, BlobStream } from '../../src/registry/types.ts';
import { bytesOf, failure, layer, patientClient, registry } from '../fixtures/client.ts';
import { digestOf } from '../fixtures/image.ts';
import type { Behaviour, TestRegistry } from '../fixtures/registry.ts';

const refOf = ({ host }: TestRegistry) => parseReference(`${host}/team/app:1`);
const ranges = ({ requests }: TestRegistry) => requests.map(({ headers }) => headers.range);

/** A blob that takes a while: 5 MiB that no two places of are the same. */
const big = Buffer.alloc(5 * 1024 * 1024, 'x');
for (let at = 0; at < big.length; at += 4) big.writeUInt32LE(at, at);
const bigBlob: Descriptor = { mediaType: 'x', digest: digestOf(big), size: big.length };

interface Given {
  origin?: Behaviour[];
  mirrors?: Behaviour[][];
  options?: BlobOptions;
  descriptor?: Descriptor;
}

async function fetched({ origin = [], mirrors = [], options, descriptor = layer }: Given) {
  const servers = await Promise.all([...mirrors, origin].map(() => registry()));
  [...mirrors, origin].forEach((behaviours, at) => {
    servers[at]!.addBlob('team/app', big);
    for (const behaviour of behaviours) servers[at]!.misbehave(/blobs/, behaviour);
  });
  const last = servers.at(-1)!;
  const settings = { mirrors: { [last.host]: servers.slice(0, -1).map(({ url }) => url) }, insecure: [] };
  const one = patientClient({ settings });
  const blob = await one.fetchBlob(refOf(last), descriptor, options);
  return { ...one, servers, blob, last };
}

const shares = (blob: BlobStream, servers: TestRegistry[]) =>
  blob.sources!().map(({ source, bytes }) => [servers.findIndex(({ url }) => url === source), bytes]);

describe('a blob that breaks off', () => {
  test.each([
    ['cut', { cutAfter: 100_000 }],
    ['stalled', { stallAfter: 100_000 }],
    ['of chunks that end early', { body: layer.bytes.subarray(0, 100_000), contentLength: false }],
    ['cut before its first byte', { cutAfter: 0 }],
    ['cut after its last byte', { cutAfter: layer.size, contentLength: false }],
  ] as [string, Behaviour][])('%s goes on where it was', async (_, behaviour) => {
    const { blob, servers, last, lines } = await fetched({ origin: [{ ...behaviour, times: 1 }] });
    expect(digestOf(await bytesOf(blob.stream))).toBe(layer.digest);
    expect(shares(blob, servers)).toEqual([[0, layer.size]]);
    const [first, second] = ranges(last);
    expect(first).toBeUndefined();
    if (behaviour.cutAfter === 0) expect(second).toBeUndefined();
    else if (behaviour.cutAfter !== layer.size) expect(second).toBe('bytes=100000-');
    else expect(ranges(last)).toHaveLength(1);
    expect(lines).toEqual([]);
  });

  test('again and again does not matter while 1 MiB comes between', async () => {
    const { blob, last } = await fetched({ origin: [{ cutAfter: 300_000 }], descriptor: bigBlob });
    expect(digestOf(await bytesOf(blob.stream))).toBe(bigBlob.digest);
    expect(last.requests).toHaveLength(18);
  });

  test('again and again without getting on fails, and says where', async () => {
    const { blob, last } = await fetched({ origin: [{ cutAfter: 1000 }] });
    const error = await failure(bytesOf(blob.stream));
    expect(error.code).toBe('REGISTRY_UNREACHABLE');
    expect(error.message).toContain(
      `blob ${layer.digest} broke off 6 times, last at byte 6000 of ${layer.size}`,
    );
    expect(last.requests).toHaveLength(6);
  });

  test('from an offset goes on from there', async () => {
    const { blob, last } = await fetched({
      origin: [{ cutAfter: 100_000, times: 1 }],
      options: { offset: 5000 },
    });
    expect(blob.offset).toBe(5000);
    expect(digestOf(await bytesOf(blob.stream))).toBe(digestOf(layer.bytes.subarray(5000)));
    expect(ranges(last)).toEqual(['bytes=5000-', 'bytes=105000-']);
  });

  test('waits longer each time', async () => {
    const { blob, waits } = await fetched({ origin: [{ cutAfter: 1000, times: 3 }] });
    await bytesOf(blob.stream);
    expect(waits).toEqual([375, 750, 1500]);
  });

  test('is not asked for again once the reader has gone, or somebody cancelled', async () => {
    const stop = new AbortController();
    const gone = await fetched({ origin: [{ stallAfter: 1000 }] });
    gone.blob.stream.destroy();
    const cancelled = await fetched({ origin: [{ stallAfter: 1000 }], options: { signal: stop.signal } });
    setTimeout(() => stop.abort(), 50);
    expect((await failure(bytesOf(cancelled.blob.stream))).code).toBe('CANCELLED');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([gone.last.requests.length, cancelled.last.requests.length]).toEqual([1, 1]);
    await expect.poll(gone.last.connections).toBe(0);
    await expect.poll(cancelled.last.connections).toBe(0);
  });
});

describe('the second request', () => {
  const cut: Behaviour = { cutAfter: 100_000, times: 1 };
  const whole = { status: 200, body: layer.bytes, headers: { 'content-range': undefined } };

  test('answered with 200: what is there already is skipped', async () => {
    const { blob, last } = await fetched({ origin: [cut, whole] });
    expect(digestOf(await bytesOf(blob.stream))).toBe(layer.digest);
    expect(last.requests).toHaveLength(2);
    expect(blob.sources!()).toEqual([{ source: last.url, bytes: layer.size }]);
  });

  test.each([
    ['the wrong place', { headers: { 'content-range': `bytes 99999-${layer.size - 1}/${layer.size}` } }],
    ['the wrong end', { headers: { 'content-range': `bytes 100000-100001/${layer.size}` } }],
    ['no Content-Range', { headers: { 'content-range': undefined } }],
    ['416', { status: 416, body: '' }],
  ] as [string, Behaviour][])('answered with %s: all is asked for', async (_, behaviour) => {
    const { blob, last } = await fetched({ origin: [cut, { ...behaviour, times: 1 }] });
    expect(digestOf(await bytesOf(blob.stream))).toBe(layer.digest);
    expect(ranges(last)).toEqual([undefined, 'bytes=100000-', undefined]);
  });

  test('answered wrongly: a mirror that can do ranges is asked before all is', async () => {
    const wrong = { headers: { 'content-range': 'bytes 1-2/3' } };
    const { blob, servers } = await fetched({ mirrors: [[cut, wrong]] });
    expect(digestOf(await bytesOf(blob.stream))).toBe(layer.digest);
    expect(servers.map(ranges)).toEqual([[undefined, 'bytes=100000-'], ['bytes=100000-']]);
    expect(shares(blob, servers)).toEqual([
      [0, 100_000],
      [1, layer.size - 100_000],
    ]);
  });

  test('answered with 500: tried again', async () => {
    const { blob, last } = await fetched({ origin: [cut, { status: 500, times: 2 }] });
    expect(digestOf(await bytesOf(blob.stream))).toBe(layer.digest);
    expect(last.requests).toHaveLength(4);
  });

  test('answered with 404: for good', async () => {
    const { blob, last } = await fetched({ origin: [cut, { status: 404 }] });
    expect((await failure(bytesOf(blob.stream))).code).toBe('BLOB_NOT_FOUND');
    expect(last.requests).toHaveLength(2);
  });

  test('answered with 401: the token is renewed, once', async () => {
    const origin = await registry({ access: { scheme: 'bearer' } });
    const { fetchManifest, fetchBlob } = patientClient();
    await fetchManifest(refOf(origin));
    origin.reset();
    origin.misbehave(/blobs/, cut);
    const blob = await fetchBlob(refOf(origin), layer);
    origin.revokeTokens();
    expect(digestOf(await bytesOf(blob.stream))).toBe(layer.digest);
    expect(origin.requests.map(({ path }) => path.split(/[?:]/)[0])).toEqual([
      '/v2/team/app/blobs/sha256',
      '/v2/team/app/blobs/sha256',
      '/token',
      '/v2/team/app/blobs/sha256',
    ]);
  });

  test('answered with 401 whatever is shown: an error, not a loop', async () => {
    const origin = await registry({ access: { scheme: 'bearer' } });
    const challenge = { 'www-authenticate': `Bearer realm="${origin.url}/token"` };
    origin.misbehave(/blobs/, { status: 401, headers: challenge });
    const { fetchManifest, fetchBlob } = patientClient();
    await fetchManifest(refOf(origin));
    expect((await failure(fetchBlob(refOf(origin), layer))).code).toBe('UNAUTHORIZED');
    expect(origin.requests.filter(({ path }) => path.includes('/blobs/'))).toHaveLength(2);
  });
});

describe('mirrors', () => {
  test('one that dies is asked first, then the next goes on, and a line says so', async () => {
    const { blob, servers, lines } = await fetched({
      mirrors: [[{ cutAfter: 100_000, times: 1 }, { hangUp: true }]],
    });
    expect(digestOf(await bytesOf(blob.stream))).toBe(layer.digest);
    expect(shares(blob, servers)).toEqual([
      [0, 100_000],
      [1, layer.size - 100_000],
    ]);
    expect(blob.source).toBe(servers[1]!.url);
    expect(ranges(servers[1]!)).toEqual(['bytes=100000-']);
    expect(lines.at(-1)).toContain(`${servers[1]!.url} goes on with blob ${layer.digest} at 100000`);
  });

  test('one that breaks off twice in a row gives way to the next', async () => {
    const { blob, servers } = await fetched({ mirrors: [[{ cutAfter: 1000 }]] });
    expect(digestOf(await bytesOf(blob.stream))).toBe(layer.digest);
    expect(shares(blob, servers)).toEqual([
      [0, 2000],
      [1, layer.size - 2000],
    ]);
  });

  test('one dies, one serves another blob, the third completes', async () => {
    const { fetchBlob, servers, last } = await fetched({
      mirrors: [[{ cutAfter: 100_000, times: 1 }, { hangUp: true }], [{ flipByte: 5 }]],
      options: { avoid: new Set() },
    });
    servers[0]!.reset();
    servers[0]!.misbehave(/blobs/, { cutAfter: 100_000, times: 1 });
    servers[0]!.misbehave(/blobs/, { hangUp: true });
    const avoid = new Set<string>();
    for (;;) {
      const blob = await fetchBlob(refOf(last), layer, { avoid });
      if (digestOf(await bytesOf(blob.stream)) === layer.digest) break;
      avoid.add(blob.source);
    }
    expect([...avoid]).toEqual([servers[1]!.url]);
  });

  test('without mixing, nobody else goes on', async () => {
    const { blob, servers } = await fetched({
      mirrors: [[{ cutAfter: 100_000, times: 1 }, { hangUp: true }]],
      options: { mix: false },
    });
    expect((await failure(bytesOf(blob.stream))).code).toBe('REGISTRY_UNREACHABLE');
    expect(servers[1]!.requests).toEqual([]);
  });
});

test('a reader that is slower than the network gets all, in order', async () => {
  const { blob } = await fetched({ origin: [{ cutAfter: 2_000_000, times: 1 }], descriptor: bigBlob });
  const chunks: Buffer[] = [];
  for await (const chunk of blob.stream) {
    if (chunks.length % 8 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    chunks.push(chunk);
  }
  expect(digestOf(Buffer.concat(chunks))).toBe(bigBlob.digest);
});

test('other bytes come through as they are', async () => {
  const { blob } = await fetched({ origin: [{ flipByte: 3 }] });
  const bytes = await bytesOf(blob.stream);
  expect(bytes).toHaveLength(layer.size);
  expect(digestOf(bytes)).not.toBe(layer.digest);
});
