import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSyscalls } from '../../native/index.ts';
import { parseReference } from '../../src/image/reference.ts';
import type { RegistryClientOptions } from '../../src/registry/client.ts';
import { createConnection } from '../../src/registry/connection.ts';
import { type BlobProgress, type PushOptions, pushImage } from '../../src/registry/push.ts';
import { putBlob } from '../../src/store/blobs.ts';
import { openStore, type Store, storePaths } from '../../src/store/layout.ts';
import { failure, image as plain, registry as start } from '../fixtures/client.ts';
import { type BuiltImage, buildImage, buildIndex, descriptorOf } from '../fixtures/image.ts';
import type { Script, TestRegistry } from '../fixtures/registry.ts';

const MIB = 1024 * 1024;
const noise = Buffer.alloc(6 * MIB, 'a layer of six mebibytes ');
const big = buildImage({ layers: [{ entries: [{ name: 'noise', body: noise }], compression: 'none' }] });
const layer = big.layers[0]!;

let root: string;
let store: Store;
let registry: TestRegistry;
let lines: string[];
let waits: number[];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'gocker-test-'));
  store = await openStore(root, createSyscalls());
  [lines, waits] = [[], []];
});
afterEach(() => rmSync(root, { recursive: true }));

async function open(script: Script = {}): Promise<void> {
  registry = await start(script);
}

async function keep(image: BuiltImage): Promise<void> {
  for (const part of image.images) await keep(part);
  for (const { bytes } of [...image.blobs, image]) await putBlob(store, bytes);
}

async function push(
  image: BuiltImage,
  more: Partial<PushOptions> = {},
  client: RegistryClientOptions = {},
): Promise<BlobProgress[]> {
  const seen: BlobProgress[] = [];
  const sleep = async (ms: number) => void waits.push(ms);
  await pushImage({
    connection: createConnection({
      timeouts: { connect: 500, response: 500, progress: 300, document: 500, commit: 500 },
      log: (line) => lines.push(line),
      ...client,
      retries: { sleep, random: () => 0.5, ...client.retries },
    }),
    store,
    reference: parseReference(`${registry.host}/new/app:1`),
    top: descriptorOf(image),
    instead: descriptorOf(image.images[0] ?? image),
    sourcesOf: () => [],
    onProgress: (progress) => seen.push(progress),
    ...more,
  });
  return seen;
}

const sent = () => registry.requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`);
const ends = (seen: BlobProgress[]) =>
  seen.filter(({ phase }) => phase !== 'waiting' && phase !== 'pushing').map(({ phase }) => phase);

describe('push', () => {
  it('sends what is not there, and the tag last', async () => {
    await open();
    await keep(big);
    const seen = await push(big);
    expect(ends(seen)).toEqual(['pushed']);
    expect(seen.at(-2)).toEqual({
      digest: layer.digest,
      phase: 'pushing',
      current: layer.size,
      total: layer.size,
    });
    expect(registry.contents()).toEqual(
      expect.arrayContaining(['new/app/1', `new/app/${big.digest}`, `new/app/${layer.digest}`]),
    );
    expect(sent().at(-1)).toBe('PUT /v2/new/app/manifests/1');
    const put = registry.requests.at(-1)!;
    expect(put.headers['content-type']).toBe(big.mediaType);
    expect(registry.uploads.received()).toBe(layer.size + big.config.size);
  });

  it('sends nothing but the tag when all is there', async () => {
    await open();
    await keep(big);
    await push(big);
    registry.reset();
    expect(ends(await push(big))).toEqual(['exists']);
    expect(sent().sort()).toEqual([
      ...big.blobs.map(({ digest }) => `HEAD /v2/new/app/blobs/${digest}`).sort(),
      'PUT /v2/new/app/manifests/1',
    ]);
  });

  it('takes blobs out of other repositories, and sends those that they do not have', async () => {
    await open();
    registry.addBlob('base', layer);
    await keep(big);
    const seen = await push(big, { sourcesOf: () => ['nosuch', 'base'] });
    expect(seen.at(-1)).toMatchObject({ phase: 'mounted', from: 'base' });
    expect(registry.uploads.received()).toBe(big.config.size);
  });

  it('brings an index with all that is in it, and whatever else it names', async () => {
    await open();
    const attestation = buildImage({
      platform: { os: 'unknown', architecture: 'unknown' },
      layers: [{ bytes: Buffer.from('{}'), compression: 'none' }],
      editManifest: (manifest) => {
        const [only] = manifest.layers as { mediaType: string }[];
        return { ...manifest, layers: [{ ...only, mediaType: 'application/vnd.in-toto+json' }] };
      },
    });
    const arm = buildImage({ platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } });
    const index = buildIndex([plain, arm, attestation]);
    await keep(index);
    await push(index);
    expect(registry.contents()).toEqual(
      expect.arrayContaining(
        [index, plain, arm, attestation].map(({ digest }) => `new/app/${digest}`).concat('new/app/1'),
      ),
    );
    expect(sent().at(-1)).toBe('PUT /v2/new/app/manifests/1');
  });

  it('of an index whose images are not all here brings one, unless the others are there', async () => {
    await open();
    const arm = buildImage({ platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } });
    const index = buildIndex([plain, arm]);
    await keep(buildIndex([plain]));
    await putBlob(store, index.bytes);
    await push(index);
    expect(registry.contents()).toContain(`new/app/${plain.digest}`);
    expect(registry.contents()).not.toContain(`new/app/${index.digest}`);
    expect(lines.join()).toContain('--all-platforms');
    registry.addImage('new/app', 'arm', arm);
    await push(index);
    expect(registry.contents()).toContain(`new/app/${index.digest}`);
  });

  it('is refused when a part of the image itself is missing', async () => {
    await open();
    await keep(big);
    rmSync(storePaths.blob(store, layer.digest));
    expect(await failure(push(big))).toMatchObject({
      code: 'INCOMPLETE_IMAGE',
      message: expect.stringContaining(layer.digest),
    });
    expect(sent()).toEqual([]);
  });
});

describe('an upload that breaks off', () => {
  it('goes on where the registry says that it is', async () => {
    await open();
    await keep(big);
    registry.uploads.rules.breaks = [3 * MIB, 2 * MIB];
    await push(big, {}, { retries: { breaks: 1 } });
    expect(registry.contents()).toContain(`new/app/${layer.digest}`);
    const total = layer.size + big.config.size;
    expect(registry.uploads.received()).toBeLessThanOrEqual(total * 1.05);
    expect(lines.join()).toMatch(/going on with blob sha256:[0-9a-f]+ at \d{7}/);
  });

  it('begins anew where the registry has forgotten it', async () => {
    await open();
    await keep(big);
    Object.assign(registry.uploads.rules, { breaks: [3 * MIB], forgets: true });
    await push(big);
    expect(registry.contents()).toContain(`new/app/${layer.digest}`);
    expect(sent().filter((line) => line.startsWith('POST'))).toHaveLength(3);
  });

  it('is given up when it breaks off again and again', async () => {
    await open();
    await keep(big);
    Object.assign(registry.uploads.rules, { breaks: Array(20).fill(100_000), forgets: true });
    const error = await failure(push(big));
    expect(error).toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      message: expect.stringContaining('new/app:1'),
    });
    expect(registry.contents()).not.toContain('new/app/1');
  });

  it('is given up when nothing is taken any more', async () => {
    await open();
    await keep(big);
    registry.uploads.rules.stalls = 1;
    const error = await failure(push(big, {}, { retries: { breaks: 0 } }));
    expect(error).toMatchObject({ code: 'REGISTRY_TIMEOUT' });
  });

  it('is over when all of it had arrived', async () => {
    await open();
    await keep(big);
    let once = 0;
    registry.misbehave(/uploads\/[0-9a-f]+$/, { hangUp: true, times: 1, when: () => once++ === 1 });
    await push(big);
    expect(registry.contents()).toContain('new/app/1');
  });

  it.each([500, 503, 429])('by HTTP %i at its start is tried again', async (status) => {
    await open();
    await keep(big);
    registry.misbehave(/uploads\/$/, { status, times: 2 });
    await push(big);
    expect(registry.contents()).toContain('new/app/1');
    expect(waits.length).toBeGreaterThan(0);
  });
});

describe('an upload in pieces', () => {
  it('comes when requests are found too large, ever smaller', async () => {
    await open();
    await keep(big);
    registry.uploads.rules.largest = 2 * MIB;
    await push(big);
    const pieces = registry.requests.filter(({ method }) => method === 'PATCH');
    expect(pieces[0]!.headers['content-range']).toBe(`0-${Math.ceil(layer.size / 4) - 1}`);
    expect(registry.contents()).toContain(`new/app/${layer.digest}`);
  });

  it('has none shorter than the registry wants', async () => {
    await open();
    await keep(big);
    Object.assign(registry.uploads.rules, { largest: 5 * MIB, minimum: 4 * MIB });
    await push(big);
    const pieces = registry.requests.filter(({ method }) => method === 'PATCH');
    expect(pieces[0]!.headers['content-length']).toBe(String(4 * MIB));
  });

  it('is given up, with a word on who may be at fault, when even small ones are too large', async () => {
    await open();
    await keep(big);
    registry.uploads.rules.largest = 1000;
    expect(await failure(push(big))).toMatchObject({
      code: 'TOO_LARGE',
      hint: expect.stringContaining('client_max_body_size'),
    });
  });

  it('becomes one in one piece where the registry takes none', async () => {
    await open();
    await keep(big);
    Object.assign(registry.uploads.rules, { breaks: [3 * MIB], whole: true });
    await push(big);
    expect(registry.contents()).toContain(`new/app/${layer.digest}`);
  });

  it('follows whole addresses', async () => {
    await open();
    await keep(big);
    Object.assign(registry.uploads.rules, { absolute: true, largest: 2 * MIB });
    await push(big);
    expect(registry.contents()).toContain(`new/app/${layer.digest}`);
  });
});

describe('a login', () => {
  const credentials = async () => ({ username: 'me', password: 'secret', source: 'the test' });

  it('is asked for once, for all that the push needs', async () => {
    await open({ access: { scheme: 'bearer', username: 'me', password: 'secret' } });
    registry.addBlob('base', layer);
    await keep(big);
    await push(big, { sourcesOf: () => ['base'] }, { credentials });
    const asked = registry.requests.filter(({ path }) => path.startsWith('/token'));
    const scopes = asked.map(({ path }) => new URL(path, 'http://x').searchParams.getAll('scope'));
    expect(scopes).toEqual([['repository:new/app:pull,push', 'repository:base:pull']]);
    expect(registry.contents()).toContain('new/app/1');
  });

  it('is renewed in the middle', async () => {
    await open({ access: { scheme: 'bearer', username: 'me', password: 'secret' } });
    await keep(big);
    registry.uploads.rules.largest = 2 * MIB;
    let revoked = false;
    const onProgress = ({ current }: BlobProgress) => {
      if (!revoked && current > 3 * MIB) registry.revokeTokens();
      revoked ||= current > 3 * MIB;
    };
    await push(big, { onProgress }, { credentials });
    expect(registry.contents()).toContain('new/app/1');
  });

  it.each<[string, Script]>([
    ['basic', { access: { scheme: 'basic', username: 'me', password: 'secret' } }],
    ['bearer', { access: { scheme: 'bearer', username: 'me', password: 'secret' } }],
  ])('that is missing is named (%s)', async (_, script) => {
    await open(script);
    await keep(big);
    const error = await failure(push(big));
    expect(error.code).toBe('UNAUTHORIZED');
    expect(error.message).toContain(`cannot push ${registry.host}/new/app:1`);
    expect(error.hint).toContain(`gocker login ${registry.host}`);
  });

  it('that does not suffice is named, with its source', async () => {
    await open();
    await keep(big);
    registry.misbehave(/uploads\/$/, {
      status: 403,
      body: '{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}',
    });
    const anonymous = await failure(push(big));
    expect(anonymous).toMatchObject({ code: 'DENIED', hint: expect.stringContaining('gocker login') });
    expect(anonymous.message).toContain('requested access to the resource is denied');
  });
});

describe('what a registry says no with', () => {
  it.each<[string, number, string, string]>([
    ['a repository that must be made first', 404, 'NAME_UNKNOWN', 'REPOSITORY_NOT_FOUND'],
    ['a cache', 405, 'UNSUPPORTED', 'REGISTRY_READ_ONLY'],
    ['anything else', 400, 'NAME_INVALID', 'UNEXPECTED_ANSWER'],
  ])('%s', async (_, status, said, code) => {
    await open();
    await keep(big);
    const body = JSON.stringify({ errors: [{ code: said, message: 'because' }] });
    registry.misbehave(/uploads\/$/, { status, body });
    const error = await failure(push(big));
    expect(error).toMatchObject({ code, message: expect.stringContaining('because') });
    expect(sent().filter((line) => line.startsWith('PUT'))).toEqual([]);
  });

  it('a blob that was damaged here is told from one that was damaged on its way', async () => {
    await open();
    await keep(big);
    const path = storePaths.blob(store, layer.digest);
    writeFileSync(path, Buffer.alloc(layer.size, 'x'));
    expect(await failure(push(big))).toMatchObject({
      code: 'DIGEST_MISMATCH',
      message: expect.stringContaining(root),
    });
    expect(registry.contents()).not.toContain('new/app/1');
  });

  it('a blob that is shorter than it was does not hang', async () => {
    await open();
    await keep(big);
    truncateSync(storePaths.blob(store, layer.digest), 1000);
    expect(await failure(push(big, {}, { retries: { breaks: 0 } }))).toMatchObject({
      code: expect.any(String),
    });
    expect(registry.contents()).not.toContain('new/app/1');
  });

  it('another manifest than was sent is not taken for success', async () => {
    await open();
    await keep(big);
    registry.misbehave('/v2/new/app/manifests/1', {
      headers: { 'docker-content-digest': `sha256:${'0'.repeat(64)}` },
    });
    expect(await failure(push(big))).toMatchObject({ code: 'DIGEST_MISMATCH' });
  });

  it('a location on another machine of this network, from outside, is not gone to', async () => {
    await open();
    await keep(big);
    registry.misbehave(/uploads\/$/, { headers: { location: 'ftp://127.0.0.1/x' } });
    expect(await failure(push(big))).toMatchObject({ code: 'REDIRECT_REFUSED' });
  });
});
