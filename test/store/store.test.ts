import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSyscalls } from '../../native/index.ts';
import type { Descriptor, Digest } from '../../src/image/types.ts';
import { writeFileAtomic } from '../../src/store/atomic.ts';
import {
  adoptBlob,
  blobSize,
  hasBlob,
  listBlobs,
  putBlob,
  readBlob,
  removeBlob,
} from '../../src/store/blobs.ts';
import { openStore, type Store, storePaths } from '../../src/store/layout.ts';
import { readRefs, restoreRefs, setRef, updateRefs } from '../../src/store/refs.ts';
import { blobOf } from '../fixtures/image.ts';

const syscalls = createSyscalls();
let root: string;
let store: Store;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'gocker-test-'));
  store = await openStore(join(root, 'store'), syscalls);
});
afterEach(() => rmSync(root, { recursive: true }));

describe('openStore', () => {
  it('makes an OCI layout that only its owner can look into, whatever the umask', async () => {
    const umask = process.umask(0);
    const path = join(root, 'open');
    await openStore(path, syscalls);
    process.umask(umask);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(JSON.parse(readFileSync(join(path, 'oci-layout'), 'utf8'))).toEqual({
      imageLayoutVersion: '1.0.0',
    });
    expect(statSync(join(path, 'version')).mode & 0o777).toBe(0o600);
  });

  it('takes away what a directory that was there already allowed to others', async () => {
    const path = join(root, 'there');
    mkdirSync(path, { mode: 0o777 });
    await openStore(path, syscalls);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  it('opens its own version and refuses a newer one', async () => {
    await expect(openStore(store.root, syscalls)).resolves.toEqual(store);
    writeFileSync(join(store.root, 'version'), '2\n');
    await expect(openStore(store.root, syscalls)).rejects.toMatchObject({
      code: 'UNSUPPORTED_LAYOUT',
      hint: expect.stringContaining('newer'),
    });
  });
});

describe('writeFileAtomic', () => {
  it('replaces the file and leaves no other', async () => {
    const path = join(root, 'file');
    await writeFileAtomic(path, 'one');
    await Promise.all(['two', 'three'].map((text) => writeFileAtomic(path, text)));
    expect(['two', 'three']).toContain(readFileSync(path, 'utf8'));
    expect(readdirSync(root).sort()).toEqual(['file', 'store']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('leaves the old file when the new one cannot be written', async () => {
    mkdirSync(join(root, 'taken/x'), { recursive: true });
    await expect(writeFileAtomic(join(root, 'taken'), 'text')).rejects.toThrow(/EISDIR|ENOTEMPTY/);
    expect(readdirSync(root).sort()).toEqual(['store', 'taken']);
  });
});

describe('blobs', () => {
  const bytes = Buffer.from('{"a":1}');
  it('are read back under their digest, and listed until they are removed', async () => {
    const digest = await putBlob(store, bytes);
    expect(digest).toBe(blobOf('x', bytes).digest);
    expect([hasBlob(store, digest), await blobSize(store, digest)]).toEqual([true, 7]);
    expect(readBlob(store, digest)).toEqual(bytes);
    expect(await listBlobs(store)).toEqual([digest]);
    await removeBlob(store, digest);
    await removeBlob(store, digest);
    expect([hasBlob(store, digest), await blobSize(store, digest)]).toEqual([false, undefined]);
    expect(() => readBlob(store, digest)).toThrow(/not in the store/);
  });

  it('that were changed on disk are not believed', async () => {
    const digest = await putBlob(store, bytes);
    writeFileSync(storePaths.blob(store, digest), '{"a":2}');
    expect(() => readBlob(store, digest)).toThrow(
      expect.objectContaining({ code: 'DIGEST_MISMATCH', expected: digest }),
    );
  });

  it('come out of a finished download by its name', async () => {
    const path = join(storePaths.ingest(store), 'part');
    writeFileSync(path, bytes);
    const { digest } = blobOf('x', bytes);
    await adoptBlob(store, digest, path);
    expect(readBlob(store, digest)).toEqual(bytes);
    expect(readdirSync(storePaths.ingest(store))).toEqual([]);
  });
});

describe('refs', () => {
  const descriptor = (name: string): Descriptor => {
    const { digest, size } = blobOf('x', name);
    return { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size };
  };

  it('are none in a new store, and are found again', async () => {
    expect(await readRefs(store)).toEqual([]);
    await setRef(store, 'docker.io/library/a:1', descriptor('a'));
    expect(await readRefs(store)).toEqual([{ name: 'docker.io/library/a:1', descriptor: descriptor('a') }]);
    const index = JSON.parse(readFileSync(storePaths.index(store), 'utf8'));
    expect(index.manifests[0].annotations).toEqual({
      'org.opencontainers.image.ref.name': 'docker.io/library/a:1',
    });
  });

  it('that move leave what they named behind without a name, once', async () => {
    await setRef(store, 'a:1', descriptor('old'));
    await setRef(store, 'a:2', descriptor('old'));
    await setRef(store, 'a:1', descriptor('new'));
    expect(await readRefs(store)).toEqual([
      { name: 'a:2', descriptor: descriptor('old') },
      { name: 'a:1', descriptor: descriptor('new') },
    ]);
    await setRef(store, 'a:2', descriptor('new'));
    expect((await readRefs(store)).filter(({ name }) => name === undefined)).toEqual([
      { descriptor: descriptor('old') },
    ]);
    await setRef(store, 'a:3', descriptor('old'));
    expect((await readRefs(store)).filter(({ name }) => name === undefined)).toEqual([]);
  });

  it('keep other annotations', async () => {
    const annotated = { ...descriptor('a'), annotations: { other: 'kept' } };
    await setRef(store, 'a:1', annotated);
    expect(await readRefs(store)).toEqual([{ name: 'a:1', descriptor: annotated }]);
  });

  it('of many writers at once are all there', async () => {
    const names = Array.from({ length: 20 }, (_, at) => `a:${at}`);
    await Promise.all(names.map((name) => setRef(store, name, descriptor(name))));
    expect((await readRefs(store)).map(({ name }) => name).sort()).toEqual(names.sort());
    await updateRefs(store, () => []);
    expect(await readRefs(store)).toEqual([]);
  });

  it.each<[string, () => Promise<void>]>([
    ['change', () => setRef(store, 'a:2', descriptor('a'))],
    ['are put back', () => restoreRefs(store)],
  ])('that killed writers have left half-written go when they %s, and nothing else', async (_, write) => {
    await setRef(store, 'a:1', descriptor('a'));
    const [mine, theirs] = [
      ['index.json.123.0.tmp', 'index.copy.json.123.7.tmp'],
      ['index.json.save', 'version.123.0.tmp'],
    ];
    for (const name of [...mine!, ...theirs!]) writeFileSync(join(store.root, name), '');
    await write();
    const left = readdirSync(store.root);
    expect(left).toEqual(expect.arrayContaining([...theirs!, 'index.json', 'index.copy.json']));
    expect(left.filter((name) => mine!.includes(name))).toEqual([]);
  });

  it.each(['', '{', '{"schemaVersion":2}', '{"schemaVersion":2,"manifests":[{"digest":"sha256:../../x"}]}'])(
    'in a damaged file (%s) are refused with what to do',
    async (text) => {
      writeFileSync(storePaths.index(store), text);
      await expect(readRefs(store)).rejects.toMatchObject({ message: expect.stringContaining('index.json') });
    },
  );

  it('cannot name a path outside of the store', () => {
    expect(() => readBlob(store, `sha256:${'a'.repeat(64)}` as Digest)).toThrow(/not in the store/);
  });
});
