import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GockerError } from '../../../src/errors.ts';
import { parseReference } from '../../../src/image/reference.ts';
import { createRegistryClient } from '../../../src/registry/client.ts';
import { pullImage } from '../../../src/registry/pull.ts';
import { listImages } from '../../../src/store/images.ts';
import { dockerEntries, ociEntries } from '../../fixtures/archive.ts';
import { importInto, loadInto } from '../../fixtures/arrival.ts';
import { breakouts } from '../../fixtures/breakouts.ts';
import { buildImage } from '../../fixtures/image.ts';
import { listImage } from '../../fixtures/mounted.ts';
import { makePlace } from '../../fixtures/place.ts';
import { startRegistry } from '../../fixtures/registry.ts';
import { tar } from '../../fixtures/tar.ts';
import { type Listing, listTree } from '../../fixtures/tree.ts';
import { makeDirectory, unpack } from '../../fixtures/unpack.ts';

let outside: ReturnType<typeof makeDirectory>;
let before: Listing;
const canary = () => join(outside.path, 'canary');

beforeEach(() => {
  outside = makeDirectory();
  mkdirSync(canary());
  mkdirSync(join(canary(), 'dir'));
  writeFileSync(join(canary(), 'secret'), 'secret', { mode: 0o600 });
  writeFileSync(join(canary(), 'bin'), 'program');
  chmodSync(join(canary(), 'bin'), 0o755);
  before = listTree(canary());
});
afterEach(() => outside.remove());

/** Refused, or done inside: in both cases the world outside is as it was. */
async function attempt(act: () => Promise<unknown>): Promise<void> {
  const failure = await act().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure !== undefined) expect(failure).toBeInstanceOf(GockerError);
  expect(listTree(canary())).toEqual(before);
}

const NAMES = breakouts('/canary').map(({ name }) => name);
const find = (name: string) => breakouts(canary()).find((one) => one.name === name)!;

describe.skipIf(process.getuid?.() !== 0)('a layer that reaches outside of its root', () => {
  it.each(NAMES)('%s, applied', async (name) => {
    for (const mode of ['overlay', 'bind'] as const) {
      const inside = join(outside.path, mode);
      mkdirSync(inside);
      for (const [at, layer] of find(name).layers.entries()) {
        await attempt(() => unpack(tar(layer), inside, { mode, bottom: at === 0 }));
      }
      expect(Object.keys(listTree(outside.path)).filter((path) => /^[^/]+\/fs-evil/.test(path))).toEqual([]);
    }
  });

  it.each(NAMES)('%s, pulled', async (name) => {
    const place = await makePlace();
    const registry = await startRegistry();
    const layers = find(name).layers.map((entries) => ({ entries }));
    registry.addImage('a', '1', buildImage({ layers }));
    const client = createRegistryClient();
    const reference = parseReference(`${registry.host}/a:1`);
    try {
      await attempt(async () => {
        const { image } = await pullImage({ ...place, syscalls: place.store.syscalls, reference, client });
        await listImage(place, image);
      });
    } finally {
      await registry.close();
      await place.remove();
    }
  });

  it.each(NAMES)('%s, loaded and imported', async (name) => {
    const place = await makePlace();
    const { layers } = find(name);
    const image = buildImage({ layers: layers.map((entries) => ({ entries })) });
    const seen = async () => {
      for (const { image } of (await listImages(place.store)).images) await listImage(place, image);
    };
    try {
      await attempt(() => loadInto(place, tar(ociEntries([{ image }]))).then(seen));
      await attempt(() => loadInto(place, tar(dockerEntries([{ image }]))).then(seen));
      for (const entries of layers) await attempt(() => importInto(place, tar(entries)).then(seen));
    } finally {
      await place.remove();
    }
  });

  it('does inside what it may, when it is loaded and when it is imported', async () => {
    const place = await makePlace();
    const entries = [
      { name: 'dir', type: 'directory' as const },
      { name: 'abs', type: 'symlink' as const, link: '/dir' },
      { name: 'abs/file', body: 'inside' },
    ];
    try {
      await loadInto(place, tar(ociEntries([{ image: buildImage({ layers: [{ entries }] }) }])));
      await importInto(place, tar(entries));
      const { images } = await listImages(place.store);
      expect(images).toHaveLength(2);
      for (const { image } of images)
        expect(Object.keys(await listImage(place, image))).toEqual(['.', 'abs', 'dir', 'dir/file']);
    } finally {
      await place.remove();
    }
  });

  it('does inside what it may', async () => {
    const layer = [
      { name: 'dir', type: 'directory' as const },
      { name: 'abs', type: 'symlink' as const, link: '/dir' },
      { name: 'abs/file', body: 'inside' },
      { name: 'hard', type: 'link' as const, link: '/abs/file' },
      { name: '../../up', body: 'clamped' },
    ];
    await unpack(tar(layer), outside.path);
    expect(Object.keys(listTree(join(outside.path, 'fs')))).toEqual([
      '.',
      'abs',
      'dir',
      'dir/file',
      'hard',
      'up',
    ]);
  });
});
