import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostPlatform, parsePlatform } from '../../../src/image/platform.ts';
import { parseReference } from '../../../src/image/reference.ts';
import { createRegistryClient, type RegistryClientOptions } from '../../../src/registry/client.ts';
import { unpackImage } from '../../../src/registry/pull/unpack.ts';
import { type PullOptions, pullImage } from '../../../src/registry/pull.ts';
import { listBlobs } from '../../../src/store/blobs.ts';
import { collect } from '../../../src/store/collect.ts';
import { imageSize, isUnpacked, listImages } from '../../../src/store/images.ts';
import { storePaths } from '../../../src/store/layout.ts';
import { type BuiltImage, buildImage, buildIndex, type LayerSource } from '../../fixtures/image.ts';
import { listImage } from '../../fixtures/mounted.ts';
import { makePlace, strayFiles, type TestPlace } from '../../fixtures/place.ts';
import { startRegistry, type TestRegistry } from '../../fixtures/registry.ts';
import type { Entry } from '../../fixtures/tar.ts';

let place: TestPlace;
let registry: TestRegistry;

beforeEach(async () => {
  place = await makePlace();
  registry = await startRegistry();
});
afterEach(async () => {
  await registry.close();
  await place.remove();
});

function pull(name: string, more: Partial<PullOptions> = {}, client: RegistryClientOptions = {}) {
  return pullImage({
    ...place,
    syscalls: place.store.syscalls,
    reference: parseReference(`${registry.host}/${name}`),
    client: createRegistryClient(client),
    ...more,
  });
}

const directory = (name: string, more: Partial<Entry> = {}): Entry => ({ name, type: 'directory', ...more });
const blobPath = (image: BuiltImage, at = 0) => `/v2/a/blobs/${image.layers[at]!.digest}`;

function add(...layers: Entry[][]): BuiltImage {
  const image = buildImage({ layers: layers.map((entries) => ({ entries })) });
  registry.addImage('a', '1', image);
  return image;
}

async function pulled(...layers: Entry[][]) {
  add(...layers);
  return listImage(place, (await pull('a:1')).image);
}

/** Nothing of a failed pull is to be seen or in the way. */
async function expectClean(): Promise<void> {
  expect((await listImages(place.store)).images).toEqual([]);
  expect(strayFiles(place.store)).toEqual([]);
  for await (const snapshot of place.driver.list()) expect(snapshot.kind).toBe('committed');
}

describe.skipIf(process.getuid?.() !== 0)('pull', () => {
  it('gets an image, lists it, and finds it up to date the second time', async () => {
    const image = add([directory('etc'), { name: 'etc/motd', body: 'hello' }]);
    const result = await pull('a:1');
    expect(result).toMatchObject({
      status: 'downloaded',
      digest: image.digest,
      image: { id: image.config.digest },
    });
    const { digest, size } = image.layers[0]!;
    expect(result.sources.get(digest)).toEqual([{ source: registry.url, bytes: size }]);
    const before = registry.requests.length;
    expect(await pull('a:1')).toMatchObject({ status: 'up-to-date' });
    expect(registry.requests.slice(before).map((request) => request.path)).toEqual(['/v2/a/manifests/1']);
    const { images } = await listImages(place.store);
    expect(images.map((one) => one.references)).toEqual([[`${registry.host}/a:1`]]);
    expect(await imageSize(place.driver, result.image)).toBe(5);
  });

  it('leaves an OCI layout that other tools read', async () => {
    add([{ name: 'file', body: 'x' }]);
    await pull('a:1');
    const text = execFileSync('skopeo', ['inspect', `oci:${place.root}:${registry.host}/a:1`], {
      encoding: 'utf8',
    });
    expect(JSON.parse(text).Layers).toHaveLength(1);
  });

  it.each<[string, LayerSource, boolean]>([
    ['gzip', {}, false],
    ['plain', { compression: 'none' }, false],
    ['zstd', { compression: 'zstd' }, false],
    ["docker's types", {}, true],
  ])('unpacks a layer of %s', async (_, source, docker) => {
    const body = Buffer.alloc(3_000_000, 'zstd and others ');
    registry.addImage(
      'a',
      '1',
      buildImage({ layers: [{ ...source, entries: [{ name: 'big', body }] }], docker }),
    );
    const listing = await listImage(place, (await pull('a:1')).image);
    expect(listing.big).toMatch(/^100644 0:0 1700000000000000000 3000000 /);
  });

  it('tells how far each layer is', async () => {
    const image = add([{ name: 'a', body: Buffer.alloc(100_000, 1) }]);
    const seen: string[] = [];
    const onProgress: PullOptions['onProgress'] = ({ phase, current, total }) =>
      seen.push(`${phase} ${current}/${total}`);
    const { size } = image.layers[0]!;
    await pull('a:1', { onProgress });
    expect(seen).toEqual([`waiting 0/${size}`, `unpacking ${size}/${size}`, `done ${size}/${size}`]);
    await pull('a:1', { onProgress });
    expect(seen.at(-1)).toBe(`exists ${size}/${size}`);
  });

  it('takes one platform of an index, and another one on demand', async () => {
    const images = ['amd64', 'arm64'].map((architecture) =>
      buildImage({
        platform: { os: 'linux', architecture },
        layers: [{ entries: [{ name: architecture }] }],
      }),
    );
    const index = buildIndex(images);
    registry.addImage('a', '1', index);
    const first = await pull('a:1', { platform: parsePlatform('linux/amd64') });
    expect(first).toMatchObject({ digest: index.digest, image: { id: images[0]!.config.digest } });
    const second = await pull('a:1', { platform: parsePlatform('linux/arm64') });
    expect(second).toMatchObject({ status: 'downloaded', image: { id: images[1]!.config.digest } });
    expect((await listImages(place.store)).images).toHaveLength(2);
    await expect(pull('a:1', { platform: parsePlatform('linux/s390x') })).rejects.toMatchObject({
      code: 'PLATFORM_NOT_FOUND',
    });
  });

  it('keeps all of an index when asked to, and unpacks one image', async () => {
    const platforms = [hostPlatform(), { os: 'linux', architecture: 's390x' }];
    const images = platforms.map((platform) =>
      buildImage({ platform, layers: [{ entries: [{ name: platform.architecture }] }] }),
    );
    const attestation = buildImage({
      platform: { os: 'unknown', architecture: 'unknown' },
      layers: [{ bytes: Buffer.from('{}'), compression: 'none' }],
      editManifest: (manifest) => {
        const [only] = manifest.layers as object[];
        return { ...manifest, layers: [{ ...only, mediaType: 'application/vnd.in-toto+json' }] };
      },
    });
    const index = buildIndex([...images, attestation]);
    registry.addImage('a', '1', index);
    const result = await pull('a:1', { allPlatforms: true });
    expect(result).toMatchObject({ digest: index.digest, image: { id: images[0]!.config.digest } });
    const all = [index, ...index.images.flatMap((image) => [image, ...image.blobs])];
    const digests = all.map(({ digest }) => digest).sort();
    expect((await listBlobs(place.store)).sort()).toEqual(digests);
    const stored = (await listImages(place.store)).images.map(({ image }) => image);
    expect(stored.map(({ id }) => id)).toEqual(images.map(({ config }) => config.digest));
    expect(await Promise.all(stored.map((image) => isUnpacked(place.driver, image)))).toEqual([true, false]);
    expect((await collect(place.store, place.driver))?.blobs).toEqual([]);
    await unpackImage({ ...place, syscalls: place.store.syscalls }, stored[1]!);
    expect(Object.keys(await listImage(place, stored[1]!))).toEqual(['.', 's390x']);
    registry.requests.length = 0;
    expect(await pull('a:1', { allPlatforms: true })).toMatchObject({ status: 'up-to-date' });
    expect(registry.requests).toHaveLength(1);
  });

  it('has nothing of an index when a blob of another platform is wrong', async () => {
    const images = [hostPlatform(), { os: 'linux', architecture: 's390x' }].map((platform) =>
      buildImage({ platform, layers: [{ entries: [{ name: platform.architecture }] }] }),
    );
    registry.addImage('a', '1', buildIndex(images));
    registry.misbehave(blobPath(images[1]!), { flipByte: 3 });
    await expect(pull('a:1', { allPlatforms: true })).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect((await listImages(place.store)).images).toEqual([]);
    expect(await pull('a:1')).toMatchObject({ status: 'downloaded' });
  });

  it('takes any image of an index that has none for this machine, when all are kept', async () => {
    const image = buildImage({
      platform: { os: 'linux', architecture: 's390x' },
      layers: [{ entries: [{ name: 'file' }] }],
    });
    registry.addImage('a', '1', buildIndex([image]));
    await expect(pull('a:1')).rejects.toMatchObject({ code: 'PLATFORM_NOT_FOUND' });
    expect(await pull('a:1', { allPlatforms: true })).toMatchObject({ image: { id: image.config.digest } });
  });

  it('gets a layer that two images share once, and one that an image has twice', async () => {
    const shared: LayerSource = { entries: [directory('shared')] };
    registry.addImage('a', '1', buildImage({ layers: [shared, { entries: [{ name: 'a' }] }, shared] }));
    registry.addImage('a', '2', buildImage({ layers: [shared, { entries: [{ name: 'b' }] }] }));
    const listing = await listImage(place, (await pull('a:1')).image);
    expect(Object.keys(listing)).toEqual(['.', 'a', 'shared']);
    await pull('a:2');
    const blobs = registry.requests.filter(({ path }) => path.includes('/blobs/')).map(({ path }) => path);
    expect(new Set(blobs).size).toBe(blobs.length);
  });
});

describe.skipIf(process.getuid?.() !== 0)('layers on top of each other', () => {
  it('delete, hide and replace', async () => {
    const listing = await pulled(
      [
        directory('d'),
        { name: 'd/old' },
        { name: 'd/gone' },
        directory('o'),
        { name: 'o/old' },
        { name: 'f', body: '1' },
      ],
      [directory('d'), { name: 'd/.wh.gone' }, directory('o'), { name: 'o/.wh..wh..opq' }, { name: 'o/new' }],
      [{ name: 'f', type: 'symlink', link: 'd/old' }],
    );
    expect(Object.keys(listing)).toEqual(['.', 'd', 'd/old', 'f', 'o', 'o/new']);
    expect(listing.f).toMatch(/-> d\/old/);
  });

  it('give directories without an entry the looks that they have below', async () => {
    const looks = { mode: 0o1770, uid: 7, gid: 8, mtime: 1_600_000_000, pax: { 'SCHILY.xattr.user.x': 'y' } };
    const listing = await pulled(
      [directory('./', { mode: 0o711, mtime: 1_500_000_000 }), directory('a'), directory('a/b', looks)],
      [{ name: 'a/b/c/file' }],
      [{ name: 'a/b/other' }],
    );
    expect(listing['.']).toBe('40711 0:0 1500000000000000000');
    expect(listing['a/b']).toBe('41770 7:8 1600000000000000000 user.x=79');
    expect(listing['a/b/c']).toMatch(/^40755 0:0 /);
  });

  it('write through a symlinked directory of a lower layer', async () => {
    const listing = await pulled(
      [
        directory('usr'),
        directory('usr/bin'),
        { name: 'usr/bin/old' },
        { name: 'bin', type: 'symlink', link: 'usr/bin' },
      ],
      [{ name: 'bin/new', mode: 0o4755 }, { name: 'bin/.wh.old' }],
    );
    expect(Object.keys(listing)).toEqual(['.', 'bin', 'usr', 'usr/bin', 'usr/bin/new']);
    expect(listing['usr/bin/new']).toMatch(/^104755 /);
  });

  it('link to a file of a lower layer, which keeps its looks', async () => {
    const listing = await pulled(
      [directory('d'), { name: 'd/file', body: 'content', mode: 0o2755, uid: 3 }],
      [{ name: 'link', type: 'link', link: 'd/file' }, { name: 'd/.wh..wh..opq' }],
    );
    expect(Object.keys(listing)).toEqual(['.', 'd', 'link']);
    expect(listing.link).toMatch(/^102755 3:0 1700000000000000000 7 /);
  });

  it('empty the root with an opaque marker there', async () => {
    const listing = await pulled(
      [directory('a'), { name: 'a/b' }, { name: 'c' }],
      [{ name: 'new' }, { name: '.wh..wh..opq' }],
    );
    expect(Object.keys(listing)).toEqual(['.', 'new']);
  });

  it('show no deletion of what was never there', async () => {
    const listing = await pulled(
      [directory('a')],
      [
        directory('new'),
        { name: 'new/.wh.x' },
        { name: 'a/.wh.y' },
        directory('a/o'),
        { name: 'a/o/.wh..wh..opq' },
        { name: 'a/o/.wh.z' },
      ],
      [{ name: 'top' }],
    );
    expect(Object.keys(listing)).toEqual(['.', 'a', 'a/o', 'new', 'top']);
  });

  it('mount when there are 127 of them', async () => {
    const layers = Array.from({ length: 127 }, (_, at) => [
      { name: `f${String(at).padStart(3, '0')}`, body: `${at}` },
    ]);
    const listing = await pulled(...layers);
    expect(Object.keys(listing)).toHaveLength(128);
  });
});

describe.skipIf(process.getuid?.() !== 0)('a pull of damaged input', () => {
  const body = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7919) % 251));
  const entries: Entry[] = [{ name: 'first', body }];

  async function expectFailure(matching: object | RegExp): Promise<void> {
    const failure = await pull('a:1').catch((error: unknown) => error);
    if (matching instanceof RegExp) expect(String(failure)).toMatch(matching);
    else expect(failure).toMatchObject(matching);
    expect((failure as Error).message).toContain(`${registry.host}/a:1`);
    expect((failure as { hint?: string }).hint).toBeTruthy();
    await expectClean();
  }

  async function expectNextPullSucceeds(): Promise<void> {
    registry.reset();
    const { image } = await pull('a:1');
    expect(Object.keys(await listImage(place, image))).toContain('first');
  }

  it.each([
    ['a flipped byte at the start', { flipByte: 0 }],
    ['a flipped byte in the middle', { flipByte: 500 }],
    ['an endless body', { endless: true }],
    ['an HTML page', { html: true }],
    ['a body that is cut off', { cutAfter: 100 }],
    ['a short body', { body: Buffer.from('short') }],
  ])('%s', async (_, behaviour) => {
    const image = add(entries, [{ name: 'second' }]);
    registry.misbehave(blobPath(image), behaviour);
    await expectFailure(new RegExp(image.layers[0]!.digest));
    await expectNextPullSucceeds();
  });

  it('a wrong diffID', async () => {
    const good = add(entries);
    const bad = buildImage({
      layers: [{ entries }],
      editConfig: (config) => ({
        ...config,
        rootfs: { type: 'layers', diff_ids: [`sha256:${'0'.repeat(64)}`] },
      }),
    });
    registry.addImage('a', '1', bad);
    await expectFailure({ code: 'INVALID_LAYER', message: expect.stringContaining('0000') });
    registry.addImage('a', '1', good);
    await expectNextPullSucceeds();
  });

  it.each([1, -1])('a size that lies by %i', async (by) => {
    const good = add(entries);
    registry.addImage(
      'a',
      '1',
      buildImage({
        layers: [{ entries }],
        editManifest: (manifest) => {
          const [layer] = manifest.layers as { size: number }[];
          return { ...manifest, layers: [{ ...layer, size: layer!.size + by }] };
        },
      }),
    );
    await expectFailure(new RegExp(good.layers[0]!.digest));
    registry.addImage('a', '1', good);
    await expectNextPullSucceeds();
  });

  it.each([
    ['a gzip that ends early', (bytes: Buffer) => bytes.subarray(0, -20)],
    [
      'garbage after the magic',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 4), Buffer.alloc(400, 7)]),
    ],
    ['no tar at all', () => Buffer.from('this is not a tar archive, whatever else it may be'.repeat(40))],
  ])('%s, honestly digested', async (_, damage) => {
    const whole = buildImage({ layers: [{ entries }] }).layers[0]!.bytes;
    const good = add(entries);
    const damaged = buildImage({ layers: [{ bytes: damage(whole), compression: 'none' }] });
    registry.addImage('a', '1', damaged);
    await expectFailure({ code: 'INVALID_LAYER' });
    registry.addImage('a', '1', good);
    await expectNextPullSucceeds();
  });

  it('a mirror that serves wrong bytes is passed over', async () => {
    const image = add(entries);
    const mirror = await startRegistry({ behaviours: [[blobPath(image), { flipByte: 700 }]] });
    mirror.addImage('a', '1', image);
    const settings = { mirrors: { [registry.host]: [mirror.url] }, insecure: [] };
    const { sources } = await pull('a:1', {}, { settings });
    await mirror.close();
    expect(sources.get(image.layers[0]!.digest)).toMatchObject([{ source: registry.url }]);
    expect(sources.get(image.digest)).toMatchObject([{ source: mirror.url }]);
  });

  it('a blob of the store that went bad is fetched again', async () => {
    const image = add(entries, [{ name: 'second' }]);
    const { image: pulledImage } = await pull('a:1');
    await place.driver.remove(pulledImage.chainIDs[1]!);
    await place.driver.remove(pulledImage.chainIDs[0]!);
    const path = storePaths.blob(place.store, image.layers[0]!.digest);
    const bytes = readFileSync(path);
    bytes[600] = bytes[600]! ^ 1;
    writeFileSync(path, bytes);
    truncateSync(storePaths.blob(place.store, image.config.digest), 10);
    registry.requests.length = 0;
    expect(await pull('a:1')).toMatchObject({ status: 'downloaded' });
    expect(registry.requests.map(({ path }) => path)).toEqual([
      '/v2/a/manifests/1',
      `/v2/a/blobs/${image.config.digest}`,
      blobPath(image),
    ]);
    expect(existsSync(storePaths.blob(place.store, image.layers[1]!.digest))).toBe(true);
  });

  it('an abort leaves nothing, and is what the caller gave as its reason', async () => {
    const image = add(entries, [{ name: 'second' }]);
    registry.misbehave(blobPath(image), { stallAfter: 100 });
    const reason = new Error('interrupted');
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 200);
    await expect(pull('a:1', { signal: controller.signal })).rejects.toBe(reason);
    await expectClean();
    await expectNextPullSucceeds();
  });
});
