/** Archives that do not fit, by bytes and by inodes: what is said, what is left, and that it goes once there is room. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MNT, MS } from '../../../native/constants.ts';
import { createSyscalls } from '../../../native/index.ts';
import { GockerError } from '../../../src/errors.ts';
import { listBlobs } from '../../../src/store/blobs.ts';
import { listImages } from '../../../src/store/images.ts';
import { storePaths } from '../../../src/store/layout.ts';
import { sweep } from '../../../src/store/sweep.ts';
import { ociEntries } from '../../fixtures/archive.ts';
import { importInto, loadInto } from '../../fixtures/arrival.ts';
import { buildImage } from '../../fixtures/image.ts';
import { makePlace, type TestPlace } from '../../fixtures/place.ts';
import { tar } from '../../fixtures/tar.ts';
import { makeDirectory } from '../../fixtures/unpack.ts';

const syscalls = createSyscalls();
let outside: ReturnType<typeof makeDirectory>;
let disk: string;
let place: TestPlace;
beforeEach(async () => {
  outside = makeDirectory();
  disk = join(outside.path, 'disk');
  mkdirSync(disk);
});
afterEach(async () => {
  await place.remove();
  syscalls.umount2(disk, MNT.DETACH);
  outside.remove();
});

const files = (prefix: string) =>
  Array.from({ length: 60 }, (_, at) => ({ name: `${prefix}${at}`, body: randomBytes(3000) }));
const layers = ['a', 'b'].map((prefix) => ({
  entries: [...files(prefix), { name: `${prefix}-big`, body: randomBytes(700_000) }],
  compression: 'none' as const,
}));
const image = buildImage({ layers });
const archive = tar(ociEntries([{ image, annotations: { 'org.opencontainers.image.ref.name': 'a:1' } }]));
const single = tar(layers.flatMap(({ entries }) => entries));

const WAYS = {
  load: () => loadInto(place, archive),
  import: () => importInto(place, single),
};
const resize = (options: string) => syscalls.mount('tmpfs', disk, 'tmpfs', MS.REMOUNT, options);

async function expectNothing(): Promise<void> {
  await sweep(place.store, async () => place.driver);
  expect(await listBlobs(place.store)).toEqual([]);
  expect((await listImages(place.store)).images).toEqual([]);
  expect(readdirSync(storePaths.ingest(place.store))).toEqual([]);
  for await (const { name } of place.driver.list()) expect(name).toBe('nothing');
}

async function attempt(way: keyof typeof WAYS): Promise<boolean> {
  const failure = await WAYS[way]().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure === undefined) return true;
  expect(failure).toBeInstanceOf(GockerError);
  expect(failure).toMatchObject({ code: 'NO_SPACE', hint: expect.stringContaining('--root') });
  expect((failure as Error).message).toMatch(/^cannot (load|import) the archive: /);
  return false;
}

describe.skipIf(process.getuid?.() !== 0)('a disk that is too small', () => {
  it.each([
    ['load', 'size', [200, 700, 1000, 1700, 2000, 2500, 3000, 3600]],
    ['import', 'size', [200, 700, 1000, 1700, 2000, 2500, 3000, 3600]],
    ['load', 'nr_inodes', [14, 17, 20, 23, 26, 30, 60, 90, 150]],
    ['import', 'nr_inodes', [14, 17, 20, 23, 26, 30, 60, 90, 120]],
  ] as const)('%s, swept by %s', async (way, limit, sizes) => {
    const unit = limit === 'size' ? 'k' : '';
    syscalls.mount('tmpfs', disk, 'tmpfs', 0, 'size=100m');
    place = await makePlace(disk);
    for (const size of sizes) {
      resize(`${limit}=${size}${unit}`);
      expect(await attempt(way)).toBe(false);
      await expectNothing();
    }
    resize(`${limit}=${limit === 'size' ? '100m' : '10000'}`);
    expect(await attempt(way)).toBe(true);
    const { images } = await listImages(place.store);
    expect(images).toHaveLength(1);
    const usages = await Promise.all(images[0]!.image.chainIDs.map((chainID) => place.driver.usage(chainID)));
    expect(usages.reduce((sum, { inodes }) => sum + inodes, 0)).toBe(122 + usages.length);
  });
});
