import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { save } from '../../src/engine/archiving.ts';
import type { Parts } from '../../src/engine/parts.ts';
import { putBlob, removeBlob } from '../../src/store/blobs.ts';
import { setRef } from '../../src/store/refs.ts';
import { type BuiltImage, buildImage, buildIndex, descriptorOf } from '../fixtures/image.ts';
import { type LoadingPlace, makeLoadingPlace } from '../fixtures/loading.ts';

let place: LoadingPlace;
let said: string[];
beforeEach(async () => {
  place = await makeLoadingPlace();
  said = [];
});
afterEach(() => place.remove());

const layer = (text: string) => ({ entries: [{ name: text, body: text.repeat(500) }] });
const image = buildImage({ layers: [layer('one'), layer('two')] });
const other = buildImage({ layers: [layer('arm')], platform: { os: 'linux', architecture: 's390x' } });
const index = buildIndex([other, image]);

/** What is named `a:1` and all of it, but for the images that are left out. */
async function add(built: BuiltImage, images: BuiltImage[]): Promise<void> {
  for (const part of [...images, built])
    for (const { bytes } of [...part.blobs, part]) await putBlob(place.store, bytes);
  await setRef(place.store, 'docker.io/library/a:1', descriptorOf(built));
}

const to = () => join(place.path, 'saved.tar');
async function saved(platform?: string): Promise<boolean> {
  const parts = { store: async () => place.store, log: (line: string) => void said.push(line) };
  await save(parts as unknown as Parts, ['a:1'], { to: { archive: to() }, platform });
  return existsSync(to());
}

describe('an image is saved', () => {
  it.each([
    ['a manifest', image, [], []],
    ['an index', index, [other, image], []],
    ['an index of which one image is here', index, [image], [/only linux\/\w+ is saved, the other/]],
  ])('as %s', async (_, built, images, lines) => {
    await add(built, images);
    expect(await saved()).toBe(true);
    expect(said).toEqual(lines.map((line) => expect.stringMatching(line)));
  });

  it.each([
    ['a manifest', image, [], undefined],
    ['an index', index, [other, image], undefined],
    ['an index of which one image is here', index, [image], undefined],
    ['one platform', index, [other, image], `${image.platform!.os}/${image.platform!.architecture}`],
  ])('only with all its layers: %s', async (_, built, images, platform) => {
    await add(built, images);
    const lost = image.layers[1]!;
    await removeBlob(place.store, lost.digest);
    await expect(saved(platform)).rejects.toMatchObject({
      code: 'BLOB_NOT_FOUND',
      message: expect.stringContaining(lost.digest),
      hint: expect.stringContaining('gocker image verify --repair'),
    });
    expect([existsSync(to()), said]).toEqual([false, []]);
    await putBlob(place.store, lost.bytes);
    expect(await saved(platform)).toBe(true);
  });
});
