import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { hostPlatform, parsePlatform } from '../../../src/image/platform.ts';
import { unpackImage } from '../../../src/registry/pull/unpack.ts';
import type { PullOptions } from '../../../src/registry/pull.ts';
import { listBlobs } from '../../../src/store/blobs.ts';
import { collect } from '../../../src/store/collect.ts';
import { imageSize, isUnpacked, listImages } from '../../../src/store/images.ts';
import { buildImage, buildIndex, type LayerSource } from '../../fixtures/image.ts';
import { listImage } from '../../fixtures/mounted.ts';
import { add, blobPath, directory, place, pull, registry } from './pulling.ts';

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
