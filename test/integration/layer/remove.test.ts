import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePlatform } from '../../../src/image/platform.ts';
import { parseReference } from '../../../src/image/reference.ts';
import type { Digest } from '../../../src/image/types.ts';
import { createRegistryClient } from '../../../src/registry/client.ts';
import { pullImage } from '../../../src/registry/pull.ts';
import { listBlobs } from '../../../src/store/blobs.ts';
import { listImages } from '../../../src/store/images.ts';
import { markPull } from '../../../src/store/ingest.ts';
import { storePaths } from '../../../src/store/layout.ts';
import { setRef } from '../../../src/store/refs.ts';
import { type RemoveOptions, removeImage } from '../../../src/store/remove.ts';
import { resolveImage } from '../../../src/store/resolve.ts';
import { sweep } from '../../../src/store/sweep.ts';
import { buildImage, buildIndex, type LayerSource } from '../../fixtures/image.ts';
import { place, registry } from './pulling.ts';

const base: LayerSource = { entries: [{ name: 'base' }] };
const layer = (name: string): LayerSource => ({ entries: [{ name }] });
const name = (tag: string) => `${registry.host}/a:${tag}`;

async function pull(tag: string, platform = 'linux/amd64') {
  const { image } = await pullImage({
    ...place,
    syscalls: place.store.syscalls,
    reference: parseReference(name(tag)),
    client: createRegistryClient(),
    platform: parsePlatform(platform),
  });
  return image;
}

async function add(tag: string, ...layers: LayerSource[]) {
  registry.addImage('a', tag, buildImage({ platform: { os: 'linux', architecture: 'amd64' }, layers }));
  return pull(tag);
}

function remove(image: string, more: Partial<RemoveOptions> = {}) {
  return removeImage({ ...place, image, inUse: new Map(), ...more });
}

async function snapshots(): Promise<string[]> {
  const names: string[] = [];
  for await (const snapshot of place.driver.list()) names.push(snapshot.name);
  return names.sort();
}

async function expectEmpty(): Promise<void> {
  expect(await listBlobs(place.store)).toEqual([]);
  expect(await snapshots()).toEqual([]);
  const storage = join(place.root, 'storage/overlayfs');
  expect(readdirSync(storage).filter((entry) => /^[0-9a-z]{6}$/.test(entry))).toEqual([]);
}

describe.skipIf(process.getuid?.() !== 0)('removing an image', () => {
  it('of several platforms removes those that have no other name', async () => {
    const images = ['amd64', 'arm64'].map((architecture) =>
      buildImage({ platform: { os: 'linux', architecture }, layers: [layer(architecture)] }),
    );
    registry.addImage('a', 'many', buildIndex(images));
    registry.addImage('a', 'one', images[0]!);
    await pull('many', 'linux/amd64');
    await pull('many', 'linux/arm64');
    await pull('one');
    const removals = await remove(name('many'));
    expect(removals[0]).toEqual({ untagged: name('many') });
    expect(removals).toContainEqual({ deleted: images[1]!.config.digest });
    expect(removals).not.toContainEqual({ deleted: images[0]!.config.digest });
    expect((await listBlobs(place.store)).sort()).toEqual(
      [images[0]!, ...images[0]!.blobs].map(({ digest }) => digest).sort(),
    );
  });

  it('by its only name deletes all of it, and what other images need stays', async () => {
    const one = await add('1', base, layer('one'));
    const two = await add('2', base, layer('two'));
    expect(await remove(name('1'))).toEqual([
      { untagged: name('1') },
      { deleted: one.id },
      { deleted: one.chainIDs[1] },
    ]);
    expect(await snapshots()).toEqual([...two.chainIDs].sort());
    expect((await listImages(place.store)).images.map(({ image }) => image.id)).toEqual([two.id]);
    expect(await remove(name('2'))).toEqual([
      { untagged: name('2') },
      { deleted: two.id },
      { deleted: two.chainIDs[1] },
      { deleted: two.chainIDs[0] },
    ]);
    await expectEmpty();
    await expect(remove(name('1'))).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
  });

  it('by one of its names takes only that away; by ID it is refused, and forced takes all', async () => {
    const image = await add('1', base);
    await add('2', base);
    await add('3', base);
    expect(await remove(name('3'))).toEqual([{ untagged: name('3') }]);
    await expect(remove(image.id.slice(7, 19))).rejects.toMatchObject({
      code: 'IMAGE_HAS_NAMES',
      message: expect.stringContaining('a:2'),
    });
    const removed = await remove(image.id, { force: true });
    expect(removed.slice(0, 3)).toEqual([
      { untagged: name('1') },
      { untagged: name('2') },
      { deleted: image.id },
    ]);
    await expectEmpty();
  });

  it('by the beginning of its ID, unless that could be another', async () => {
    const image = await add('1', base);
    const other = await add('2', layer('x'));
    const common = image.id.slice(0, 7);
    await expect(remove(common)).rejects.toMatchObject({ code: 'INVALID_REFERENCE' });
    let length = 1;
    while (other.id.slice(7, 7 + length) === image.id.slice(7, 7 + length)) length++;
    expect((await remove(image.id.slice(0, 7 + length))).at(0)).toEqual({ untagged: name('1') });
    expect((await resolveImage(place.store, other.id.slice(7, 9))).found.image.id).toBe(other.id);
  });

  it('that a container uses is refused; forced it loses its name and keeps its content', async () => {
    const image = await add('1', base);
    const container = 'c'.repeat(64);
    await place.driver.prepare(container, image.chainIDs[0]);
    const inUse = new Map<Digest, string>([[image.id, container]]);
    await expect(remove(name('1'), { inUse })).rejects.toMatchObject({
      code: 'IMAGE_IN_USE',
      message: expect.stringContaining('cccccccccccc'),
    });
    expect(await remove(name('1'), { inUse, force: true })).toEqual([{ untagged: name('1') }]);
    expect((await listImages(place.store)).images).toMatchObject([
      { references: [], image: { id: image.id } },
    ]);
    await expect(remove(image.id, { inUse, force: true })).rejects.toMatchObject({ code: 'IMAGE_IN_USE' });
    await place.driver.remove(container);
    expect(await remove(image.id)).toEqual([{ deleted: image.id }, { deleted: image.chainIDs[0] }]);
    await expectEmpty();
  });

  it('whose tag has moved on goes by its ID', async () => {
    const old = await add('1', base, layer('old'));
    const now = await add('1', base, layer('new'));
    expect((await listImages(place.store)).images.map(({ references }) => references)).toEqual([
      [],
      [name('1')],
    ]);
    expect((await resolveImage(place.store, name('1'))).found.image.id).toBe(now.id);
    expect(await remove(old.id)).toEqual([{ deleted: old.id }, { deleted: old.chainIDs[1] }]);
    expect((await listImages(place.store)).images).toHaveLength(1);
  });

  it('of several platforms takes all of them', async () => {
    const images = ['amd64', 'arm64'].map((architecture) =>
      buildImage({ platform: { os: 'linux', architecture }, layers: [base, layer(architecture)] }),
    );
    registry.addImage('a', '1', buildIndex(images));
    const [amd, arm] = [await pull('1'), await pull('1', 'linux/arm64')];
    expect((await resolveImage(place.store, name('1'))).found.image.id).toBe(amd.id);
    const chosen = await resolveImage(place.store, name('1'), parsePlatform('linux/arm64'));
    expect(chosen.found.image.id).toBe(arm.id);
    await expect(resolveImage(place.store, name('1'), parsePlatform('linux/s390x'))).rejects.toThrow(
      /here for linux\/amd64, linux\/arm64/,
    );
    const inUse = new Map<Digest, string>([[arm.id, 'c'.repeat(64)]]);
    await expect(remove(amd.id, { inUse })).rejects.toMatchObject({ code: 'IMAGE_IN_USE' });
    await remove(name('1'));
    await expectEmpty();
  });

  it('by digest, as it was pulled', async () => {
    const built = buildImage({ layers: [base] });
    registry.addImage('a', '1', built);
    await pull('1');
    const byDigest = `${registry.host}/a@${built.digest}`;
    expect((await resolveImage(place.store, byDigest)).found.references).toEqual([name('1')]);
  });

  it('while a pull runs leaves the cleaning to the next sweep', async () => {
    await add('1', base);
    const mark = await markPull(place.store);
    await remove(name('1'));
    expect(await snapshots()).toHaveLength(1);
    await sweep(place.store, async () => place.driver);
    expect(await snapshots()).toHaveLength(1);
    mark.done();
    await sweep(place.store, async () => place.driver);
    await expectEmpty();
    expect(readdirSync(storePaths.ingest(place.store))).toEqual([]);
  });

  it('ten at once with shared layers succeeds', async () => {
    const tags = Array.from({ length: 10 }, (_, at) => `t${at}`);
    for (const tag of tags) await add(tag, base, layer('shared'), layer(tag));
    await Promise.all(tags.map((tag) => remove(name(tag))));
    await sweep(place.store, async () => place.driver);
    await expectEmpty();
  });

  it('does not take a damaged one for garbage of others', async () => {
    const image = await add('1', base);
    await add('2', layer('x'));
    const broken = { ...image.manifest, digest: `sha256:${'0'.repeat(64)}` as Digest };
    await setRef(place.store, name('broken'), broken);
    expect((await listImages(place.store)).images).toHaveLength(2);
    await remove(name('2'));
    expect(existsSync(storePaths.blob(place.store, image.id))).toBe(true);
  });
});
