import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hexOf } from '../../src/image/digest.ts';
import { hasBlob, listBlobs, readBlob } from '../../src/store/blobs.ts';
import { listImages } from '../../src/store/images.ts';
import { storePaths } from '../../src/store/layout.ts';
import { readRefs } from '../../src/store/refs.ts';
import { dockerEntries, ociEntries } from '../fixtures/archive.ts';
import { buildImage, buildIndex } from '../fixtures/image.ts';
import { type LoadingPlace, makeLoadingPlace } from '../fixtures/loading.ts';
import { type Entry, tar } from '../fixtures/tar.ts';

let place: LoadingPlace;
beforeEach(async () => {
  place = await makeLoadingPlace();
});
afterEach(() => place.remove());

const layer = (text: string) => ({ entries: [{ name: text, body: text.repeat(500) }] });
const image = buildImage({ layers: [layer('one'), layer('two')] });
const plain = buildImage({ layers: [{ ...layer('plain'), compression: 'none' }] });
const NAME = 'org.opencontainers.image.ref.name';
const FULL = 'io.containerd.image.name';
const named = { [FULL]: 'docker.io/library/a:1', [NAME]: '1' };

const refs = async () =>
  Object.fromEntries(
    (await readRefs(place.store)).map(({ name, descriptor }) => [name ?? 'none', descriptor.digest]),
  );

describe('a layout', () => {
  it('is loaded with its digests, and named last', async () => {
    const [loaded] = await place.load(tar(ociEntries([{ image, annotations: named }])));
    expect(loaded).toEqual({ id: image.config.digest, names: ['docker.io/library/a:1'], replaced: [] });
    expect(await refs()).toEqual({ 'docker.io/library/a:1': image.digest });
    expect((await listBlobs(place.store)).sort()).toEqual(
      [image, ...image.blobs].map(({ digest }) => digest).sort(),
    );
    expect(place.unpacked.map(({ id }) => id)).toEqual([image.config.digest]);
    expect(place.ingest()).toEqual([]);
  });

  it.each([
    ['gzip', (bytes: Buffer) => gzipSync(bytes)],
    ['gzip twice', (bytes: Buffer) => gzipSync(gzipSync(bytes))],
  ])('may be packed with %s', async (_, pack) => {
    await place.load(pack(tar(ociEntries([{ image, annotations: named }]))));
    expect(await refs()).toEqual({ 'docker.io/library/a:1': image.digest });
  });

  it('may be a folder, and its links lead nowhere else', async () => {
    const folder = join(place.path, 'folder');
    for (const { name, body = '' } of ociEntries([{ image }])) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), body);
    }
    const [loaded] = await place.load(folder);
    expect(loaded).toMatchObject({ id: image.config.digest, names: [] });
    expect(await refs()).toEqual({ none: image.digest });
    const linked = join(place.path, 'linked');
    mkdirSync(linked);
    for (const name of ['oci-layout', 'index.json', 'blobs'])
      symlinkSync(join(folder, name), join(linked, name));
    await expect(place.load(linked)).rejects.toMatchObject({
      code: 'INVALID_ARCHIVE',
      message: expect.stringContaining('is a link that leads outside'),
    });
  });

  it('keeps an index whole, and does without the platforms that are not in it', async () => {
    const other = buildImage({ layers: [layer('arm')], platform: { os: 'linux', architecture: 's390x' } });
    const index = buildIndex([other, image]);
    const entries = ociEntries([{ image: index, annotations: named }]);
    const [loaded] = await place.load(tar(entries));
    expect(loaded!.id).toBe(image.config.digest);
    expect(await refs()).toEqual({ 'docker.io/library/a:1': index.digest });
    expect((await listImages(place.store)).images).toHaveLength(2);
    const half = await makeLoadingPlace();
    const isOther = ({ name }: Entry) =>
      [other, ...other.blobs].some(({ digest }) => name.endsWith(hexOf(digest)));
    await half.load(tar(entries.filter((entry) => !isOther(entry))));
    expect((await listImages(half.store)).images.map((one) => one.image.id)).toEqual([image.config.digest]);
    half.remove();
  });

  it('has several images and several names of one', async () => {
    const entries = ociEntries([
      { image, annotations: { [NAME]: 'example.com/b:2' } },
      { image, annotations: named },
      { image: plain, annotations: { [NAME]: 'latest' } },
    ]);
    const loaded = await place.load(tar(entries));
    expect(loaded.map(({ names }) => names)).toEqual([['example.com/b:2', 'docker.io/library/a:1'], []]);
  });

  it('takes names from a manifest.json beside it where it has none', async () => {
    const docker = [{ Config: `blobs/sha256/${hexOf(image.config.digest)}`, RepoTags: ['c:3'], Layers: [] }];
    const entries = [...ociEntries([{ image }]), { name: 'manifest.json', body: JSON.stringify(docker) }];
    await place.load(tar(entries));
    expect(await refs()).toEqual({ 'docker.io/library/c:3': image.digest });
  });

  it('may leave out what the store has', async () => {
    await place.load(tar(ociEntries([{ image, annotations: named }])));
    const without = ociEntries([{ image, annotations: { [NAME]: 'x:y' } }]).filter(
      ({ name }) => !name.endsWith(hexOf(image.layers[0]!.digest)),
    );
    await place.load(tar(without));
    expect((await refs())['docker.io/library/x:y']).toBe(image.digest);
  });

  it('mends a blob that the store has damaged', async () => {
    const archive = tar(ociEntries([{ image, annotations: named }]));
    await place.load(archive);
    writeFileSync(storePaths.blob(place.store, image.config.digest), 'damaged');
    await place.load(archive);
    expect(readBlob(place.store, image.config.digest)).toEqual(image.config.bytes);
  });

  it('tells which image has lost its name', async () => {
    await place.load(tar(ociEntries([{ image: plain, annotations: named }])));
    const [loaded] = await place.load(tar(ociEntries([{ image, annotations: named }])));
    expect(loaded!.replaced).toEqual([{ name: 'docker.io/library/a:1', id: plain.config.digest }]);
    expect(await refs()).toEqual({ none: plain.digest, 'docker.io/library/a:1': image.digest });
  });
});

describe("docker's archive", () => {
  it('keeps layers and config as they are, and its manifest is the same each time', async () => {
    const archive = tar(dockerEntries([{ image: plain, names: ['a:1', 'example.com/b'] }]));
    const [loaded] = await place.load(archive);
    expect(loaded!.names).toEqual(['docker.io/library/a:1', 'example.com/b:latest']);
    const first = await refs();
    for (const { digest } of plain.blobs) expect(hasBlob(place.store, digest)).toBe(true);
    expect(place.unpacked[0]!.layers[0]!.mediaType).toBe('application/vnd.docker.image.rootfs.diff.tar');
    const again = await makeLoadingPlace();
    await again.load(archive);
    expect((await readRefs(again.store))[0]!.descriptor.digest).toBe(first['docker.io/library/a:1']);
    again.remove();
  });

  it('may have packed layers, and links to layers that it has', async () => {
    const entries = dockerEntries([{ image, names: ['a:1'] }]);
    const [first] = image.layers;
    const file = `${hexOf(first!.digest)}/layer.tar`;
    const moved = entries.map((entry) => (entry.name === file ? { ...entry, name: 'x/layer.tar' } : entry));
    await place.load(tar([{ name: file, type: 'symlink', link: '../x/layer.tar' }, ...moved]));
    expect(place.unpacked[0]!.layers.map(({ mediaType }) => mediaType)).toEqual(
      image.layers.map(() => 'application/vnd.docker.image.rootfs.diff.tar.gzip'),
    );
  });

  it('of an image that is here only names it: the manifest that it came with stays', async () => {
    await place.load(tar(ociEntries([{ image, annotations: named }])));
    const [loaded] = await place.load(tar(dockerEntries([{ image, names: ['a:1', 'b:1'] }])));
    expect(loaded!.replaced).toEqual([]);
    expect(await refs()).toEqual({
      'docker.io/library/a:1': image.digest,
      'docker.io/library/b:1': image.digest,
    });
  });
});
