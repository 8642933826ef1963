/** Archives that try to reach outside, or are not what they say. Each has its accepted form beside it. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GockerError } from '../../src/errors.ts';
import { hexOf } from '../../src/image/digest.ts';
import { listBlobs } from '../../src/store/blobs.ts';
import { readRefs } from '../../src/store/refs.ts';
import { dockerEntries, ociEntries } from '../fixtures/archive.ts';
import { buildImage, digestOf } from '../fixtures/image.ts';
import { type LoadingPlace, makeLoadingPlace } from '../fixtures/loading.ts';
import { type Entry, tar } from '../fixtures/tar.ts';

let place: LoadingPlace;
let canary: string;
beforeEach(async () => {
  place = await makeLoadingPlace();
  canary = join(place.path, 'canary');
  mkdirSync(canary);
  writeFileSync(join(canary, 'secret'), 'secret');
});
afterEach(() => place.remove());

const image = buildImage({ layers: [{ entries: [{ name: 'file', body: 'x' }], compression: 'none' }] });
const NAME = { 'org.opencontainers.image.ref.name': 'a:1' };
const good = () => ociEntries([{ image, annotations: NAME }]);
const docker = () => dockerEntries([{ image, names: ['a:1'] }]);
const blob = (digest: string) => `blobs/sha256/${hexOf(digest)}`;
const change = (entries: Entry[], name: string, change: Partial<Entry>) =>
  entries.map((entry) => (entry.name === name ? { ...entry, ...change } : entry));
const extra = (entry: Entry) => [entry, ...good()];

/** Nothing came of it, and nothing outside was touched. */
async function expectRefused(entries: Entry[], message: RegExp | string, pack = (bytes: Buffer) => bytes) {
  const failure = await place.load(pack(tar(entries))).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(GockerError);
  expect((failure as Error).message).toMatch(message);
  expect((failure as Error).message).toMatch(/^cannot load the archive: /);
  expect(readdirSync(place.path).sort()).toEqual(['canary', 'store']);
  expect(readdirSync(canary)).toEqual(['secret']);
  expect(readFileSync(join(canary, 'secret'), 'utf8')).toBe('secret');
  expect(await readRefs(place.store)).toEqual([]);
  expect(await listBlobs(place.store)).toEqual([]);
  expect(place.ingest()).toEqual([]);
}

/** With `%` for the place of the canary. */
const NAMES: [what: string, name: string][] = [
  ['an absolute name', '%/secret'],
  ['a name that goes up', '../canary/secret'],
  ['a name that goes up in its middle', 'blobs/../../canary/new'],
  ['a name that is nothing but up', '..'],
];

describe('a member that leads outside', () => {
  it.each(NAMES)('is refused: %s', async (_, name) => {
    await expectRefused(extra({ name: name.replace('%', canary), body: 'EVIL' }), 'leads outside');
  });

  it.each([
    ['symlink', '%/secret'],
    ['symlink', '../canary/secret'],
    ['symlink', 'a/../../../canary'],
    ['link', '%/secret'],
    ['link', '../canary/secret'],
  ] as const)('is refused: a %s to %s', async (type, link) => {
    const entry: Entry = { name: 'link', type, link: link.replace('%', canary) };
    await expectRefused(extra(entry), 'which is outside');
    await expectRefused([entry, { name: 'link', body: 'EVIL' }, ...good()], 'which is outside');
  });

  it('is not one with a dot, an empty part, or a link inside', async () => {
    const dotted = good().map((entry) => ({ ...entry, name: `./${entry.name.replace('/', '//')}` }));
    const links: Entry[] = [
      { name: 'blobs/up', type: 'symlink', link: '../index.json' },
      { name: 'blobs/hard', type: 'link', link: 'index.json' },
    ];
    await place.load(tar([...links, ...dotted]));
    expect(await readRefs(place.store)).toHaveLength(1);
  });
});

describe('a member that is no file', () => {
  it.each(['character', 'block', 'fifo'] as const)('is refused: a %s', async (type) => {
    await expectRefused(extra({ name: 'index', type, device: [1, 3] }), `is a ${type}`);
  });

  it('may be a directory, even twice', async () => {
    const directory: Entry = { name: 'blobs/', type: 'directory' };
    await place.load(tar([directory, directory, ...good()]));
    expect(await readRefs(place.store)).toHaveLength(1);
  });
});

describe('an archive that contradicts itself is refused:', () => {
  it.each(['index.json', 'oci-layout', blob(image.digest)])('%s twice', async (name) => {
    await expectRefused([...good(), good().find((entry) => entry.name === name)!], 'is there twice');
  });

  it.each([
    ['a layer', image.layers[0]!.digest],
    ['the config', image.config.digest],
    ['the manifest', image.digest],
  ])('%s with another digest', async (_, digest) => {
    await expectRefused(change(good(), blob(digest), { body: 'changed' }), `${blob(digest)}: expected`);
  });

  it('a config of docker’s with another digest', async () => {
    const config = `${hexOf(image.config.digest)}.json`;
    const body = `${image.config.bytes} `;
    await expectRefused(
      change(docker(), config, { body }),
      `${config}: expected ${image.config.digest}, found`,
    );
  });

  it('a wrong size', async () => {
    const lying = buildImage({
      layers: [{ entries: [] }],
      editManifest: (manifest) => ({
        ...manifest,
        layers: (manifest.layers as { size: number }[]).map((one) => ({ ...one, size: one.size + 1 })),
      }),
    });
    await expectRefused(ociEntries([{ image: lying }]), 'is said to have');
  });

  it('a number of layers that is not that of the config', async () => {
    const names = JSON.stringify([
      { Config: `${hexOf(image.config.digest)}.json`, RepoTags: null, Layers: [] },
    ]);
    await expectRefused(change(docker(), 'manifest.json', { body: names }), 'names 1 diffIDs but');
  });

  it('a layer that is nowhere', async () => {
    const { digest } = image.layers[0]!;
    await expectRefused(
      good().filter(({ name }) => name !== blob(digest)),
      `${digest}, which ${image.digest} names, is neither in it nor in the store`,
    );
    await expectRefused(
      docker().filter(({ name }) => !name.endsWith('layer.tar')),
      'which is not there',
    );
  });

  it('a link to itself', async () => {
    const loop: Entry[] = [
      { name: 'index.json', type: 'symlink', link: 'b' },
      { name: 'b', type: 'symlink', link: 'index.json' },
    ];
    await expectRefused([...loop, ...good().filter(({ name }) => name !== 'index.json')], 'links to itself');
  });
});

describe('documents that nobody should read are refused:', () => {
  it('one of more than 4 MiB', async () => {
    await expectRefused(
      change(good(), 'index.json', { body: Buffer.alloc(4_194_305, ' ') }),
      /at most 4194304/,
    );
  });

  it('what is no JSON, is another version, or has nothing in it', async () => {
    await expectRefused(change(good(), 'index.json', { body: 'no' }), 'index.json is not acceptable JSON');
    const version = '{"imageLayoutVersion":"2.0.0"}';
    await expectRefused(change(good(), 'oci-layout', { body: version }), 'not version 1');
    await expectRefused(ociEntries([]), 'there is no image in it');
    await expectRefused([{ name: 'etc/passwd', body: 'x' }], 'neither an index.json nor a manifest.json');
  });

  it('names that are none', async () => {
    for (const name of ['a:1\n', '../x/y:1', 'x/$(id):1', 'a:\u001b[2J']) {
      const annotations = { 'io.containerd.image.name': name };
      await expectRefused(ociEntries([{ image, annotations }]), /invalid image reference/);
      await expectRefused(dockerEntries([{ image, names: [name] }]), /invalid image reference/);
    }
  });

  it('digests that are paths', async () => {
    const manifests = [{ mediaType: image.mediaType, digest: 'sha256:../../x', size: 3 }];
    await expectRefused(ociEntries([{ image }], { manifests }), 'invalid digest');
  });

  it('members of docker’s that are paths', async () => {
    const entry = { Config: '../../canary/secret', RepoTags: null, Layers: [] };
    await expectRefused([{ name: 'manifest.json', body: JSON.stringify([entry]) }], 'leads outside');
  });
});

describe('bytes that are cut short or grow too much are refused:', () => {
  it('half an archive, packed and not', async () => {
    const half = (bytes: Buffer) => bytes.subarray(0, bytes.length - 1600);
    await expectRefused(good(), 'ends in the middle of an entry', half);
    await expectRefused(good(), 'its gzip data', (bytes) => gzipSync(bytes).subarray(0, -20));
  });

  it('a member that is said to be larger than any disk', async () => {
    const huge = { name: 'huge', pax: { size: '9007199254740991' } };
    await expectRefused([huge, ...good()], 'ends in the middle of an entry');
  });

  it('more members than any image has', async () => {
    const one = tar([{ name: 'blobs/', type: 'directory' }]).subarray(0, 512);
    const many = Buffer.alloc(100_001 * one.length, one);
    await expectRefused(good(), 'more than 100000 entries', (bytes) => Buffer.concat([many, bytes]));
  });

  it('but not a few of them that nobody names', async () => {
    const body = 'x'.repeat(10_000);
    await place.load(
      tar([
        { name: 'README', body },
        { name: `blobs/sha256/${hexOf(digestOf(Buffer.from(body)))}`, body },
        ...good(),
      ]),
    );
    expect(await listBlobs(place.store)).toHaveLength(3);
  });
});
