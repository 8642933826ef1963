import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSyscalls } from '../../native/index.ts';
import type { StorageDriver } from '../../src/driver/index.ts';
import type { ChainID } from '../../src/image/types.ts';
import { listBlobs, putBlob } from '../../src/store/blobs.ts';
import { collect, collectMarker, noteGarbage } from '../../src/store/collect.ts';
import { nameSnapshot } from '../../src/store/deferred.ts';
import { markPull } from '../../src/store/ingest.ts';
import { openStore, type Store, storePaths } from '../../src/store/layout.ts';
import { acquireLock } from '../../src/store/lock.ts';
import { readRefs, restoreRefs, setRef } from '../../src/store/refs.ts';
import { removeImage } from '../../src/store/remove.ts';
import { sweep } from '../../src/store/sweep.ts';
import { buildImage, descriptorOf } from '../fixtures/image.ts';

const NO_SNAPSHOTS = { async *list() {} } as unknown as StorageDriver;
const image = buildImage({ run: { Cmd: ['one'] } });
let store: Store;
beforeEach(async () => {
  store = await openStore(mkdtempSync(join(tmpdir(), 'gocker-test-')), createSyscalls());
  for (const { bytes } of [...image.blobs, image]) await putBlob(store, bytes);
  await setRef(store, 'docker.io/library/one:1', descriptorOf(image));
});
afterEach(() => rmSync(store.root, { recursive: true }));

const swept = () => sweep(store, async () => NO_SNAPSHOTS);

describe('what is to be collected', () => {
  it('goes with the next command, and the mark of it', async () => {
    const garbage = await putBlob(store, Buffer.from('garbage'));
    await noteGarbage(store);
    await swept();
    expect(await listBlobs(store)).not.toContain(garbage);
    expect(existsSync(collectMarker(store))).toBe(false);
  });

  it.each(['[]', '{', ''])('stays while index.json is %j, which hinders no command', async (text) => {
    const garbage = await putBlob(store, Buffer.from('garbage'));
    await noteGarbage(store);
    const sound = readFileSync(storePaths.index(store), 'utf8');
    writeFileSync(storePaths.index(store), text);
    await swept();
    expect(await collect(store, NO_SNAPSHOTS)).toBeUndefined();
    expect(await listBlobs(store)).toHaveLength(image.blobs.length + 2);
    await restoreRefs(store);
    expect(readFileSync(storePaths.index(store), 'utf8')).toBe(sound);
    await swept();
    expect(await listBlobs(store)).not.toContain(garbage);
    expect(await readRefs(store)).toHaveLength(1);
  });
});

describe('garbage is noted before it is garbage', () => {
  /** What `work` has noted when it comes to the list of names, where it may be killed. */
  async function notedBy(work: () => Promise<unknown>): Promise<boolean> {
    const lock = await acquireLock(store.syscalls, storePaths.lock(store, 'index'));
    const done = work();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const isNoted = existsSync(collectMarker(store));
    lock.release();
    await done;
    return isNoted;
  }
  const remove = (image: string) => removeImage({ store, driver: NO_SNAPSHOTS, image, inUse: new Map() });

  it('by whoever takes the last name away', async () => {
    expect(await notedBy(() => remove('one:1'))).toBe(true);
    expect([existsSync(collectMarker(store)), await listBlobs(store)]).toEqual([false, []]);
  });

  it('by whoever removes what is damaged', async () => {
    rmSync(storePaths.blob(store, image.digest));
    expect(await notedBy(() => remove('one:1'))).toBe(true);
    expect([existsSync(collectMarker(store)), await listBlobs(store)]).toEqual([false, []]);
  });

  it('but not by whoever leaves a name', async () => {
    await setRef(store, 'docker.io/library/two:1', descriptorOf(image));
    expect(await notedBy(() => remove('one:1'))).toBe(false);
    expect(await listBlobs(store)).toHaveLength(image.blobs.length + 1);
  });

  it('when nobody has gone on with a pull for long', async () => {
    const path = join(storePaths.ingest(store), 'x.unfinished');
    const age = (days: number) => utimesSync(path, 0, Date.now() / 1000 - days * 24 * 60 * 60);
    // It cannot be removed, as if the process were killed there.
    mkdirSync(path);
    age(6);
    await swept();
    expect(existsSync(collectMarker(store))).toBe(false);
    age(8);
    await expect(swept()).rejects.toThrow(/EISDIR|directory/);
    expect(readdirSync(storePaths.ingest(store)).sort()).toEqual(['collect', 'x.unfinished']);
  });
});

describe('what is known of layers that were made here', () => {
  it('has nothing left of killed writers when no pull is marked, and else keeps what may be being written', async () => {
    const folder = storePaths.deferred(store);
    const chainID = `sha256:${'a'.repeat(64)}` as ChainID;
    await nameSnapshot(store, chainID, chainID);
    const half = [`${'b'.repeat(64)}.layer.123.0.tmp`, `${'c'.repeat(64)}.snapshot.tmp`];
    for (const name of half) writeFileSync(join(folder, name), '');
    const mark = await markPull(store);
    await collect(store, NO_SNAPSHOTS);
    expect(readdirSync(folder)).toHaveLength(3);
    mark.done();
    await collect(store, NO_SNAPSHOTS);
    expect(readdirSync(folder)).toEqual([`${'a'.repeat(64)}.snapshot`]);
  });
});
