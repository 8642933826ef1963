import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StorageDriver } from '../../src/driver/index.ts';
import { listBlobs } from '../../src/store/blobs.ts';
import { collect, noteGarbage } from '../../src/store/collect.ts';
import { listImages } from '../../src/store/images.ts';
import { removeImage } from '../../src/store/remove.ts';
import { resolveImage } from '../../src/store/resolve.ts';
import { ociEntries } from '../fixtures/archive.ts';
import { type BuiltImage, buildImage, buildIndex } from '../fixtures/image.ts';
import { type LoadingPlace, makeLoadingPlace } from '../fixtures/loading.ts';
import { tar } from '../fixtures/tar.ts';

let place: LoadingPlace;
beforeEach(async () => {
  place = await makeLoadingPlace();
});
afterEach(() => place.remove());

const layer = (text: string) => ({ entries: [{ name: text, body: text.repeat(500) }] });
const image = buildImage({ layers: [layer('one')] });
const other = buildImage({ layers: [layer('arm')], platform: { os: 'linux', architecture: 's390x' } });
const name = { 'org.opencontainers.image.ref.name': 'example.com/a:1' };
const load = (built: BuiltImage) => place.load(tar(ociEntries([{ image: built, annotations: name }])));
const nested = (depth: number): BuiltImage => (depth === 0 ? image : buildIndex([nested(depth - 1)]));
const NO_SNAPSHOTS = { async *list() {} } as unknown as StorageDriver;

describe('an index in an index', () => {
  it('is whole: its images are listed once each, found by name, kept, and removed with it', async () => {
    const index = buildIndex([buildIndex([other]), buildIndex([image, other]), image]);
    await load(index);
    const { images, damaged } = await listImages(place.store);
    expect(images.map((one) => [one.image.id, one.references])).toEqual([
      [other.config.digest, ['example.com/a:1']],
      [image.config.digest, ['example.com/a:1']],
    ]);
    expect(damaged).toEqual([]);
    expect((await resolveImage(place.store, 'example.com/a:1')).found.image.id).toBe(image.config.digest);
    const before = await listBlobs(place.store);
    await noteGarbage(place.store);
    expect(await collect(place.store, NO_SNAPSHOTS)).toEqual({ blobs: [], snapshots: [] });
    expect(await listBlobs(place.store)).toEqual(before);
    const removal = { store: place.store, driver: NO_SNAPSHOTS, inUse: new Map() };
    await removeImage({ ...removal, image: 'example.com/a:1' });
    expect(await listBlobs(place.store)).toEqual([]);
  });

  it('may be eight levels deep', async () => {
    await load(nested(8));
    expect((await listImages(place.store)).images).toHaveLength(1);
  });

  it('is refused nine levels deep', async () => {
    await expect(load(nested(9))).rejects.toMatchObject({
      code: 'INVALID_MANIFEST',
      message: expect.stringContaining('nested more than 8 levels deep'),
    });
    expect(await listBlobs(place.store)).toEqual([]);
  });
});
