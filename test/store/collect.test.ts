import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSyscalls } from '../../native/index.ts';
import type { StorageDriver } from '../../src/driver/index.ts';
import { listBlobs, putBlob } from '../../src/store/blobs.ts';
import { collect, collectMarker, noteGarbage } from '../../src/store/collect.ts';
import { openStore, type Store, storePaths } from '../../src/store/layout.ts';
import { readRefs, restoreRefs, setRef } from '../../src/store/refs.ts';
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
