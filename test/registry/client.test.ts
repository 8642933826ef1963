import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { parseReference } from '../../src/image/reference.ts';
import { RegistryError } from '../../src/registry/error.ts';
import { bytesOf, client, failure, image, layer, registry } from '../fixtures/client.ts';
import { buildIndex, digestOf } from '../fixtures/image.ts';

test('fetches a manifest by tag and by digest, and blobs', async () => {
  const { host, url, requests } = await registry();
  const reference = parseReference(`${host}/team/app:1`);
  const fetched = await client().fetchManifest(reference);
  expect(fetched).toEqual({
    descriptor: { mediaType: image.mediaType, digest: image.digest, size: image.size },
    bytes: image.bytes,
    source: url,
  });
  expect((await client().fetchManifest(reference, image.digest)).bytes).toEqual(image.bytes);
  expect((await client().fetchManifest(parseReference(`${host}/team/app@${image.digest}`))).bytes).toEqual(
    image.bytes,
  );
  const blob = await client().fetchBlob(reference, layer);
  expect(blob).toMatchObject({ offset: 0, source: url });
  expect(digestOf(await bytesOf(blob.stream))).toBe(layer.digest);
  expect(requests[0]!.headers).toMatchObject({ 'accept-encoding': 'identity', 'user-agent': 'gocker' });
  expect(requests[0]!.headers.accept!.split(', ')).toHaveLength(4);
  expect(requests[0]!.headers).not.toHaveProperty('authorization');
});

test('fetches an index, then what it names', async () => {
  const { host, addImage } = await registry();
  const index = buildIndex([image], { docker: true });
  addImage('multi', 'latest', index);
  const reference = parseReference(`http://${host}/multi`);
  expect((await client().fetchManifest(reference)).descriptor.digest).toBe(index.digest);
  expect((await client().fetchManifest(reference, image.digest)).bytes).toEqual(image.bytes);
});

describe('what is not there', () => {
  test.each([
    ['team/app:2', 'team/app has no tag 2'],
    ['team/other:1', 'there is no 127'],
    [`team/app@sha256:${'0'.repeat(64)}`, `has no manifest sha256:${'0'.repeat(64)}`],
  ])('%s', async (name, why) => {
    const { host } = await registry();
    const error = await failure(client().fetchManifest(parseReference(`${host}/${name}`)));
    expect(error).toMatchObject({ code: 'IMAGE_NOT_FOUND', status: 404 });
    expect(error.message).toContain(why);
    expect(error.hint).toContain('spelling');
  });

  test('a blob', async () => {
    const { host } = await registry();
    const missing = { ...layer, digest: image.digest };
    const error = await failure(client().fetchBlob(parseReference(`${host}/team/app:1`), missing));
    expect(error.code).toBe('BLOB_NOT_FOUND');
    expect(error.message).toContain(image.digest);
  });
});

describe('answers that are no manifest', () => {
  const path = '/v2/team/app/manifests/1';
  test.each([
    ['a page', { html: true }, 'NOT_A_REGISTRY'],
    ['a page with 404', { html: true, status: 404 }, 'NOT_A_REGISTRY'],
    ['429', { status: 429, headers: { 'retry-after': '7' } }, 'RATE_LIMITED'],
    ['403', { status: 403 }, 'DENIED'],
    ['401 without a challenge', { status: 401 }, 'UNAUTHORIZED'],
    ['500', { status: 500 }, 'REGISTRY_UNAVAILABLE'],
    ['204', { status: 204, body: '' }, 'UNEXPECTED_ANSWER'],
    [
      'schema 1',
      { headers: { 'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws' } },
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['plain JSON', { headers: { 'content-type': 'application/json' } }, 'UNSUPPORTED_MEDIA_TYPE'],
    ['no type', { headers: { 'content-type': undefined } }, 'UNSUPPORTED_MEDIA_TYPE'],
    ['other bytes than its header says', { flipByte: 3 }, 'DIGEST_MISMATCH'],
    [
      'a lying digest header',
      { headers: { 'docker-content-digest': `sha256:${'0'.repeat(64)}` } },
      'DIGEST_MISMATCH',
    ],
    [
      'a malformed digest header',
      { headers: { 'docker-content-digest': 'sha256:../../x' } },
      'DIGEST_MISMATCH',
    ],
    ['an endless body', { endless: true }, 'TOO_LARGE'],
    ['a huge length', { contentLength: 1e12, stallAfter: 10 }, 'TOO_LARGE'],
    ['a cut body', { cutAfter: 10 }, 'REGISTRY_UNREACHABLE'],
    ['a stalled body', { stallAfter: 10 }, 'REGISTRY_TIMEOUT'],
    ['silence', { stallAfter: -1 }, 'REGISTRY_TIMEOUT'],
    ['a hang-up', { hangUp: true }, 'REGISTRY_UNREACHABLE'],
  ])('%s', async (_, behaviour, code) => {
    const { host, misbehave } = await registry();
    const reference = parseReference(`${host}/team/app:1`);
    misbehave(path, { ...behaviour, times: 1 });
    const error = await failure(client().fetchManifest(reference));
    expect(error).toMatchObject({ code });
    expect((await client().fetchManifest(reference)).descriptor.digest).toBe(image.digest);
  });

  test('type parameters, and a digest header of another algorithm, are fine', async () => {
    const { host, misbehave } = await registry();
    const headers = {
      'content-type': `${image.mediaType}; charset=utf-8`,
      'docker-content-digest': 'sha512:ab',
    };
    misbehave(path, { headers });
    expect((await client().fetchManifest(parseReference(`${host}/team/app:1`))).descriptor.mediaType).toBe(
      image.mediaType,
    );
  });

  test('by digest, a registry without the header is fine and other bytes are not', async () => {
    const { host, misbehave } = await registry();
    const reference = parseReference(`${host}/team/app@${image.digest}`);
    misbehave(/manifests/, { headers: { 'docker-content-digest': undefined }, times: 1 });
    expect((await client().fetchManifest(reference)).bytes).toEqual(image.bytes);
    misbehave(/manifests/, { flipByte: 5, headers: { 'docker-content-digest': undefined } });
    expect((await failure(client().fetchManifest(reference))).code).toBe('DIGEST_MISMATCH');
  });

  test('what a server says is made fit for a terminal', async () => {
    const { host, misbehave } = await registry();
    const message = '\u001b]0;owned\u0007\u009b2J\u202eevil';
    misbehave(path, { status: 500, body: JSON.stringify({ errors: [{ code: 'X\u001b', message }] }) });
    const error = (await failure(
      client().fetchManifest(parseReference(`${host}/team/app:1`)),
    )) as RegistryError;
    expect(error).toBeInstanceOf(RegistryError);
    expect(error.message).toContain('owned');
    expect(error.message + error.registryCodes.join()).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  });
});

describe('cancelling', () => {
  test('ends a request that waits, and a blob on its way', async () => {
    const { host, misbehave } = await registry();
    const reference = parseReference(`${host}/team/app:1`);
    misbehave(/manifests/, { stallAfter: -1 });
    misbehave(/blobs/, { stallAfter: 10 });
    const stop = new AbortController();
    const patient = client({ timeouts: { response: 60_000, progress: 60_000 } });
    const waiting = failure(patient.fetchManifest(reference, undefined, { signal: stop.signal }));
    const blob = await patient.fetchBlob(reference, layer, { signal: stop.signal });
    const reading = failure(bytesOf(blob.stream));
    setTimeout(() => stop.abort(), 50);
    expect((await waiting).code).toBe('CANCELLED');
    expect((await reading).code).toBe('CANCELLED');
    expect((await failure(patient.fetchManifest(reference, undefined, { signal: stop.signal }))).code).toBe(
      'CANCELLED',
    );
  });

  test('leaves no listener behind', async () => {
    const { host } = await registry({ access: { scheme: 'bearer' } });
    const { signal } = new AbortController();
    const one = client();
    for (let round = 0; round < 5; round++) {
      await one.fetchManifest(parseReference(`${host}/team/app:1`), undefined, { signal });
      await bytesOf((await one.fetchBlob(parseReference(`${host}/team/app:1`), layer, { signal })).stream);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

test('one connection serves one request after the other', async () => {
  const { host, requests } = await registry({ access: { scheme: 'bearer' } });
  const one = client();
  for (let round = 0; round < 3; round++) {
    await one.fetchManifest(parseReference(`${host}/team/app:1`));
    await bytesOf((await one.fetchBlob(parseReference(`${host}/team/app:1`), layer)).stream);
  }
  expect(requests).toHaveLength(8);
  expect(new Set(requests.map((request) => request.port)).size).toBeLessThanOrEqual(2);
});
