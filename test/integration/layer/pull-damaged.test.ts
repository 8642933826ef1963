import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { StorageDriver } from '../../../src/driver/index.ts';
import { listImages } from '../../../src/store/images.ts';
import { storePaths } from '../../../src/store/layout.ts';
import { sweep } from '../../../src/store/sweep.ts';
import { buildImage } from '../../fixtures/image.ts';
import { listImage } from '../../fixtures/mounted.ts';
import { strayFiles } from '../../fixtures/place.ts';
import { startRegistry } from '../../fixtures/registry.ts';
import type { Entry } from '../../fixtures/tar.ts';
import { add, blobPath, place, pull, registry } from './pulling.ts';

/** Nothing of a failed pull is to be seen or in the way. */
async function expectClean(): Promise<void> {
  expect((await listImages(place.store)).images).toEqual([]);
  expect(strayFiles(place.store)).toEqual([]);
  for await (const snapshot of place.driver.list()) expect(snapshot.kind).toBe('committed');
}

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

  it.each([
    ['left to the next command where the driver fails', true],
    ['removed where it does not', false],
  ])('what the other layers have become is %s', async (_, fails) => {
    const image = add(entries, [{ name: 'second' }], [{ name: 'third' }]);
    const below = blobPath(image);
    registry.misbehave(below, { flipByte: 500 });
    const broken: StorageDriver = Object.assign(Object.create(place.driver), {
      remove: async (key: string) => {
        if (fails) throw new Error('EBUSY: it cannot be removed');
        await place.driver.remove(key);
      },
    });
    const failure = await pull('a:1', { driver: broken }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: expect.stringContaining(image.layers[0]!.digest) });
    const left = fails ? [expect.stringMatching(/\.pull$/)] : [];
    expect(strayFiles(place.store)).toEqual(left);
    await sweep(place.store, async () => broken);
    expect(strayFiles(place.store)).toEqual(left);
    await expectNextPullSucceeds();
    await sweep(place.store, async () => place.driver);
    expect(strayFiles(place.store)).toEqual([]);
    for await (const snapshot of place.driver.list()) expect(snapshot.kind).toBe('committed');
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
