import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSyscalls } from '../../native/index.ts';
import { putBlob } from '../../src/store/blobs.ts';
import { openStore, type Store } from '../../src/store/layout.ts';
import { tagImage, untagImage } from '../../src/store/names.ts';
import { readRefs, setRef, updateRefs } from '../../src/store/refs.ts';
import { lockUse } from '../../src/store/use.ts';
import { type BuiltImage, buildImage, buildIndex, descriptorOf } from '../fixtures/image.ts';

let root: string;
let store: Store;
const image = buildImage({ run: { Cmd: ['one'] } });
const other = buildImage({ run: { Cmd: ['other'] } });
const index = buildIndex([image]);

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'gocker-test-'));
  store = await openStore(root, createSyscalls());
  await add('docker.io/library/one:1', index);
  await add('docker.io/library/other:1', other);
});
afterEach(() => rmSync(root, { recursive: true }));

async function add(name: string, built: BuiltImage): Promise<void> {
  for (const part of [...built.images, built]) {
    for (const { bytes } of [...part.blobs, part]) await putBlob(store, bytes);
  }
  await setRef(store, name, descriptorOf(built));
}

/** Name (or `-`) and digest of each ref. */
async function refs(): Promise<string[]> {
  return (await readRefs(store)).map(({ name = '-', descriptor }) => `${name} ${descriptor.digest}`);
}

describe('tagImage', () => {
  it('gives a name the whole of what another name stands for', async () => {
    await tagImage(store, 'one:1', '127.0.0.1:5000/team/one');
    expect(await refs()).toContain(`127.0.0.1:5000/team/one:latest ${index.digest}`);
  });

  it('gives an ID that very image', async () => {
    await tagImage(store, image.config.digest.slice(7, 19), 'x');
    expect(await refs()).toContain(`docker.io/library/x:latest ${image.digest}`);
  });

  it('gives a digest what it names', async () => {
    await tagImage(store, `one@${index.digest}`, 'x');
    await tagImage(store, `one@${image.digest}`, 'y');
    expect((await refs()).slice(-2)).toEqual([
      `docker.io/library/x:latest ${index.digest}`,
      `docker.io/library/y:latest ${image.digest}`,
    ]);
  });

  it('leaves whoever had the name without one', async () => {
    await tagImage(store, 'one:1', 'other:1');
    expect(await refs()).toEqual([
      `docker.io/library/one:1 ${index.digest}`,
      `- ${other.digest}`,
      `docker.io/library/other:1 ${index.digest}`,
    ]);
  });

  it('refuses a digest as a name, and an image that is not there', async () => {
    await expect(tagImage(store, 'one:1', `x@${image.digest}`)).rejects.toMatchObject({
      code: 'INVALID_TARGET',
    });
    await expect(tagImage(store, 'nosuch', 'x')).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
    expect(await refs()).toHaveLength(2);
  });
});

describe('untagImage', () => {
  beforeEach(() => tagImage(store, 'one:1', 'two'));

  it('takes the names away that are given', async () => {
    await untagImage(store, 'one:1', ['two']);
    expect((await refs()).map((ref) => ref.split(' ')[0])).toEqual([
      'docker.io/library/one:1',
      'docker.io/library/other:1',
    ]);
  });

  it('takes all away when none is given; the image stays', async () => {
    await untagImage(store, 'two', []);
    expect(await refs()).toEqual([`docker.io/library/other:1 ${other.digest}`, `- ${index.digest}`]);
    await tagImage(store, image.config.digest.slice(7, 19), 'again');
    expect(await refs()).toContain(`docker.io/library/again:latest ${image.digest}`);
  });

  it('refuses what is no name of the image, and takes nothing away then', async () => {
    await expect(untagImage(store, 'one:1', ['two', 'other:1'])).rejects.toMatchObject({
      code: 'TAG_NOT_FOUND',
      hint: 'its names: one:1, two:latest',
    });
    expect(await refs()).toHaveLength(3);
  });
});

describe('while somebody takes images away', () => {
  const wait = () => new Promise((resolve) => setTimeout(resolve, 30));

  it('no name is given to what goes', async () => {
    const lock = await lockUse(store);
    const tagged = tagImage(store, 'one:1', 'x').catch((error: unknown) => error);
    const untagged = untagImage(store, 'one:1', []).catch((error: unknown) => error);
    await wait();
    await updateRefs(store, (all) => all.filter(({ name }) => name !== 'docker.io/library/one:1'));
    lock.release();
    expect(await tagged).toMatchObject({ code: 'IMAGE_NOT_FOUND' });
    expect(await untagged).toMatchObject({ code: 'IMAGE_NOT_FOUND' });
    expect(await refs()).toEqual([`docker.io/library/other:1 ${other.digest}`]);
  });

  it('what stays is named afterwards', async () => {
    const lock = await lockUse(store);
    const tagged = tagImage(store, 'one:1', 'x');
    await wait();
    expect(await refs()).toHaveLength(2);
    lock.release();
    await tagged;
    expect(await refs()).toContain(`docker.io/library/x:latest ${index.digest}`);
  });

  it('who only uses them hinders no name', async () => {
    const lock = await lockUse(store, { shared: true });
    await tagImage(store, 'one:1', 'x');
    await untagImage(store, 'x', ['x']);
    lock.release();
    expect(await refs()).toHaveLength(2);
  });
});
