/** Pulls of several processes: at once, and one after the other when the first is killed. */
import { randomBytes } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { listImages } from '../../../src/store/images.ts';
import { ingestPath } from '../../../src/store/ingest.ts';
import { storePaths } from '../../../src/store/layout.ts';
import { type BuiltImage, buildImage } from '../../fixtures/image.ts';
import { listImage } from '../../fixtures/mounted.ts';
import { strayFiles } from '../../fixtures/place.ts';
import { startPullProcess } from '../../fixtures/worker.ts';
import { place, registry } from './pulling.ts';

const MIB = 1024 * 1024;

/** An image of incompressible layers, `a:1`. */
function addImage(...sizes: number[]): BuiltImage {
  const image = buildImage({
    layers: sizes.map((size, at) => ({
      entries: [{ name: `${at}`, body: randomBytes(size) }],
      compression: 'none',
    })),
  });
  registry.addImage('a', '1', image);
  return image;
}

const start = () => startPullProcess(place.root, `${registry.host}/a:1`);
const requestsFor = (digest: string) =>
  registry.requests.filter(({ path }) => path.endsWith(`/blobs/${digest}`));

async function expectImage(image: BuiltImage): Promise<void> {
  const { images } = await listImages(place.store);
  const names = image.layers.map((_, at) => `${at}`);
  expect(Object.keys(await listImage(place, images[0]!.image)).sort()).toEqual(['.', ...names]);
}

describe.skipIf(process.getuid?.() !== 0)('processes that pull the same image at once', () => {
  it('20 of them fetch each blob once', { timeout: 120_000 }, async () => {
    const image = addImage(3 * MIB, 2 * MIB, 1 * MIB, 100_000, 1000);
    const pulls = await Promise.all(Array.from({ length: 20 }, start));
    const results = await Promise.all(pulls.map(({ ended }) => ended));
    for (const { code, output } of results)
      expect(`${code} ${output}`).toMatch(/^0 (downloaded|up-to-date)$/);
    for (const { digest } of image.blobs) expect(requestsFor(digest)).toHaveLength(1);
    await expectImage(image);
    expect(readdirSync(storePaths.ingest(place.store))).toEqual([]);
  });

  it('one that is killed hands over to one that waits', { timeout: 60_000 }, async () => {
    const image = addImage(8 * MIB);
    const [{ digest, size }] = image.layers as [BuiltImage['layers'][0]];
    registry.misbehave(new RegExp(digest), { stallAfter: 5 * MIB, times: 1 });
    const first = await start();
    const part = ingestPath(place.store, digest);
    const length = () => statSync(part, { throwIfNoEntry: false })?.size;
    await expect.poll(length, { timeout: 20_000 }).toBe(5 * MIB);
    const others = await Promise.all([start(), start()]);
    await sleep(1000);
    expect(requestsFor(digest)).toHaveLength(1);
    first.child.kill('SIGKILL');
    const results = await Promise.all(others.map(({ ended }) => ended));
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect(requestsFor(digest).map(({ headers }) => headers.range)).toEqual([undefined, `bytes=${5 * MIB}-`]);
    expect(size).toBeGreaterThan(8 * MIB);
    await expectImage(image);
  });
});

/** Bytes of the image's layers that are on the disk. */
function onDisk({ layers }: BuiltImage): number {
  const sizes = layers.map(({ digest }) => {
    const places = [ingestPath(place.store, digest), storePaths.blob(place.store, digest)];
    return places.map((path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  });
  return sizes.flat().reduce((sum, size) => sum + size, 0);
}

describe.skipIf(process.getuid?.() !== 0)('a pull that is killed and started again', () => {
  const drip = { bytes: 128 * 1024, every: 8 };

  it.each(
    (['SIGKILL', 'SIGINT'] as const).flatMap((signal) => [0.25, 0.5, 0.75].map((at) => ({ signal, at }))),
  )(
    'by $signal at $at fetches at most 5 % more than the rest',
    { timeout: 60_000 },
    async ({ signal, at }) => {
      const image = addImage(40 * MIB, 32 * MIB, 24 * MIB);
      const total = image.layers.reduce((sum, { size }) => sum + size, 0);
      registry.misbehave(/blobs/, { drip });
      const { child, ended } = await start();
      // While the bytes flow, but not while this machine has no time for the process that takes them.
      const isBehind = () => registry.bytesSent() - onDisk(image) > MIB;
      while (registry.bytesSent() < at * total || isBehind()) await sleep(1);
      const rest = total - registry.bytesSent();
      child.kill(signal);
      await ended;
      const before = registry.bytesSent();
      expect(before).toBeLessThan(0.95 * total);
      expect(readdirSync(join(place.root)).includes('index.json')).toBe(false);
      expect((await listImages(place.store)).images).toEqual([]);
      expect(await (await start()).ended).toMatchObject({ code: 0 });
      expect(registry.bytesSent() - before).toBeLessThan(1.05 * rest);
      await expectImage(image);
      expect(strayFiles(place.store)).toEqual([]);
    },
  );
});
