import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { parseReference } from '../../src/image/reference.ts';
import { bytesOf, client, failure, image, layer, registry } from '../fixtures/client.ts';
import { digestOf } from '../fixtures/image.ts';
import type { Behaviour, TestRegistry } from '../fixtures/registry.ts';

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function through(origin: TestRegistry, mirrors: string[]) {
  const lines: string[] = [];
  const settings = { mirrors: { [origin.host]: mirrors }, insecure: [] };
  return {
    lines,
    client: client({ settings, log: (line) => lines.push(line) }),
    reference: parseReference(`${origin.host}/team/app:1`),
  };
}

test('the first mirror is asked first, and alone when it answers', async () => {
  const [origin, mirror] = [await registry(), await registry()];
  const { client: one, reference, lines } = through(origin, [mirror.url]);
  expect((await one.fetchManifest(reference)).source).toBe(mirror.url);
  expect((await one.fetchBlob(reference, layer)).source).toBe(mirror.url);
  expect(origin.requests).toEqual([]);
  expect(lines).toEqual([]);
});

test.each([
  ['403', { status: 403, body: 'campus only' }],
  ['404', { status: 404 }],
  ['500', { status: 500 }],
  ['429', { status: 429 }],
  ['401', { status: 401 }],
  ['a page', { html: true }],
  ['silence', { stallAfter: -1 }],
  ['a hang-up', { hangUp: true }],
  ['other bytes', { flipByte: 9 }],
  ['an endless body', { endless: true }],
  ['a redirect to nowhere', { redirect: 'ftp://x/' }],
] as [string, Behaviour][])('%s of a mirror means the next one', async (_, behaviour) => {
  const [origin, mirror] = [await registry(), await registry()];
  mirror.misbehave(/./, behaviour);
  const { client: one, reference, lines } = through(origin, [mirror.url]);
  const { source, bytes } = await one.fetchManifest(reference, image.digest);
  expect({ source, bytes }).toEqual({ source: origin.url, bytes: image.bytes });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(`${mirror.url} passed over for ${origin.host}/team/app:1`);
});

test('a mirror that is not there means the next one', async () => {
  const origin = await registry();
  const { client: one, reference } = through(origin, [`http://127.0.0.1:${await closedPort()}`]);
  expect((await one.fetchManifest(reference)).source).toBe(origin.url);
});

test('blobs fall back one by one; who served wrong bytes is passed over', async () => {
  const [origin, mirror] = [await registry(), await registry()];
  mirror.misbehave(/blobs/, { status: 404, times: 1 });
  const { client: one, reference } = through(origin, [mirror.url]);
  expect((await one.fetchBlob(reference, layer)).source).toBe(origin.url);
  expect((await one.fetchBlob(reference, layer)).source).toBe(mirror.url);
  const blob = await one.fetchBlob(reference, layer, { avoid: new Set([mirror.url]) });
  expect(blob.source).toBe(origin.url);
  expect(digestOf(await bytesOf(blob.stream))).toBe(layer.digest);
  const nobody = one.fetchBlob(reference, layer, { avoid: new Set([mirror.url, origin.url]) });
  expect((await failure(nobody)).code).toBe('NO_ENDPOINT_LEFT');
});

test('when all fail, the error says what each answered', async () => {
  const [origin, mirror] = [await registry(), await registry()];
  mirror.misbehave(/./, { status: 503 });
  const { client: one } = through(origin, [mirror.url]);
  const error = await failure(one.fetchManifest(parseReference(`${origin.host}/team/app:9`)));
  expect(error).toMatchObject({ code: 'IMAGE_NOT_FOUND', status: 404, registryCodes: ['MANIFEST_UNKNOWN'] });
  expect(error.message).toContain(`${mirror.url}: `);
  expect(error.message).toContain('HTTP 503');
  expect(error.message).toContain(`${origin.url}: `);
});

test('a typed scheme means that very server', async () => {
  const [origin, mirror] = [await registry(), await registry()];
  const { client: one } = through(origin, [mirror.url]);
  expect((await one.fetchManifest(parseReference(`http://${origin.host}/team/app:1`))).source).toBe(
    origin.url,
  );
  expect(mirror.requests).toEqual([]);
});

test('nobody there at all', async () => {
  const port = await closedPort();
  const error = await failure(client().fetchManifest(parseReference(`127.0.0.1:${port}/x`)));
  expect(error).toMatchObject({
    code: 'REGISTRY_UNREACHABLE',
    message: `127.0.0.1:${port} refused the connection`,
  });
});
