/** What a layer may say and what becomes of it, each refusal beside what is accepted. */
import { lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Entry, tar } from '../../fixtures/tar.ts';
import { type Listing, listTree } from '../../fixtures/tree.ts';
import { makeDirectory, type Unpacking, unpack } from '../../fixtures/unpack.ts';

let place: ReturnType<typeof makeDirectory>;
beforeEach(() => {
  place = makeDirectory();
});
afterEach(() => place.remove());

async function apply(entries: Entry[], options: Unpacking = {}): Promise<Listing> {
  await unpack(tar(entries), place.path, options);
  return listTree(join(place.path, 'fs'));
}

const directory = (name: string): Entry => ({ name, type: 'directory' });
const onTop: Unpacking = { bottom: false };

/** Puts a file where the layers below would be, for `bind` mode. */
function below(paths: string[]): void {
  for (const path of paths) {
    mkdirSync(join(place.path, 'fs', path, '..'), { recursive: true });
    writeFileSync(join(place.path, 'fs', path), 'below');
  }
}

const paths = (listing: Listing) => Object.keys(listing).filter((path) => path !== '.');

describe.skipIf(process.getuid?.() !== 0)('rules of layers', () => {
  it('takes deletions into an overlay as whiteouts, in whatever order they come', async () => {
    const own = { name: 'd/own', body: 'mine' };
    const orders: Entry[][] = [
      [directory('d'), { name: 'd/.wh.gone' }, { name: 'd/.wh.own' }, own],
      [directory('d'), own, { name: 'd/.wh.own' }, { name: 'd/.wh.gone' }],
    ];
    for (const [at, entries] of orders.entries()) {
      mkdirSync(join(place.path, String(at)));
      await unpack(tar(entries), join(place.path, String(at)), onTop);
      const listing = listTree(join(place.path, String(at), 'fs'));
      expect(listing['d/gone']).toMatch(/^20000 .* 0:0$/);
      expect(listing['d/own']).toMatch(/^100644 /);
    }
  });

  it('cuts an own directory off from a deleted one of the same name', async () => {
    const listing = await apply([directory('d'), { name: 'd/x' }, { name: '.wh.d' }], onTop);
    expect(listing.d).toMatch(/ trusted\.overlay\.opaque=79$/);
    expect(listing['d/x']).toBeDefined();
  });

  it('takes an opaque marker as the attribute, wherever it stands', async () => {
    const listing = await apply(
      [directory('d'), { name: 'd/a' }, { name: 'd/.wh..wh..opq' }, { name: 'd/b' }],
      onTop,
    );
    expect(listing.d).toMatch(/ trusted\.overlay\.opaque=79$/);
    expect(paths(listing)).toEqual(['d', 'd/a', 'd/b']);
  });

  it('deletes what is below in a bind, and never what the layer wrote', async () => {
    below(['d/old', 'd/both', 'gone/deep/file', 'kept']);
    const entries = [
      directory('d'),
      { name: 'd/both', body: 'new' },
      { name: 'd/.wh..wh..opq' },
      { name: '.wh.gone' },
    ];
    const listing = await apply(entries, { mode: 'bind', bottom: false });
    expect(paths(listing)).toEqual(['d', 'd/both', 'kept']);
    expect(readFileSync(join(place.path, 'fs/d/both'), 'utf8')).toBe('new');
  });

  it.each(['.wh.', '.wh..', '.wh...', 'd/.wh.', 'd/.wh..', 'd/.wh...', 'd/.wh.x/y'])(
    'refuses the whiteout %s',
    async (name) => {
      await expect(apply([directory('d'), { name }], onTop)).rejects.toMatchObject({ code: 'INVALID_LAYER' });
    },
  );

  it('hides names that begin with a dot, and passes over the books of aufs', async () => {
    const listing = await apply(
      [{ name: '.wh..hidden' }, { name: '.wh..wh.aufs' }, { name: '.wh..wh.plnk/1.2' }],
      onTop,
    );
    expect(paths(listing)).toEqual(['.hidden']);
  });

  it('drops attributes that overlayfs and security modules read, and keeps others', async () => {
    const pax = {
      'SCHILY.xattr.trusted.overlay.redirect': '/../../etc',
      'SCHILY.xattr.trusted.overlay.opaque': 'y',
      'SCHILY.xattr.user.overlay.opaque': 'y',
      'SCHILY.xattr.security.selinux': 'x',
      'SCHILY.xattr.user.kept': 'a\0b\nc',
      'LIBARCHIVE.xattr.user.encoded%20name': 'AAEC',
    };
    const listing = await apply([{ ...directory('d'), pax }]);
    expect(listing.d?.split(' ').slice(3).join(' ')).toBe(
      'user.encoded name=000102 user.kept=610062 0a63'.replace(' 0a', '0a'),
    );
  });

  it('refuses the device that overlayfs takes for a deletion, and makes others or leaves them out', async () => {
    const device = (major: number, minor: number): Entry => ({
      name: 'dev',
      type: 'character',
      device: [major, minor],
      mode: 0o622,
    });
    await expect(apply([device(0, 0)])).rejects.toThrow(/"dev".*0:0/);
    expect((await apply([device(1, 3)])).dev).toMatch(/^20622 .* 1:3$/);
    const other = makeDirectory();
    await unpack(tar([device(1, 3), { name: 'file' }]), other.path, { devices: 'skip' });
    expect(paths(listTree(join(other.path, 'fs')))).toEqual(['file']);
    other.remove();
  });

  it('gives the root the looks of its entry, and refuses it as anything else', async () => {
    expect((await apply([{ name: './', type: 'directory', mode: 0o700, uid: 5 }]))['.']).toMatch(
      /^40700 5:0 1700000000/,
    );
    await expect(apply([{ name: '.', type: 'symlink', link: '/etc' }])).rejects.toThrow(/root directory/);
    await expect(apply([{ name: '/', body: 'x' }])).rejects.toMatchObject({ code: 'INVALID_LAYER' });
  });

  it('puts later entries over earlier ones of any kind', async () => {
    const listing = await apply([
      directory('a'),
      { name: 'a/x' },
      { name: 'a', body: 'file' },
      { name: 'b', body: 'file' },
      directory('b'),
      { name: 'b/y' },
      { name: 'c', type: 'symlink', link: 'b' },
      { name: 'c', body: 'not through the link' },
    ]);
    expect(paths(listing)).toEqual(['a', 'b', 'b/y', 'c']);
    expect(listing.c).toMatch(/^100644 /);
  });

  it('does not rewrite the other names of a hard-linked file', async () => {
    const listing = await apply([
      { name: 'a', body: 'one' },
      { name: 'b', type: 'link', link: 'a' },
      { name: 'a', body: 'two!' },
    ]);
    expect(listing.b).toMatch(/ 3 /);
    expect(listing.a).toMatch(/ 4 /);
  });

  it('keeps a hardlink to a symlink a symlink, and one to itself as it is', async () => {
    const listing = await apply([
      { name: 'target', mode: 0o600 },
      { name: 'link', type: 'symlink', link: 'target' },
      { name: 'hard', type: 'link', link: 'link', mode: 0o777 },
      { name: 'target', type: 'link', link: './target' },
    ]);
    expect(listing.hard).toMatch(/^120777 .* -> target/);
    expect(listing.target).toMatch(/^100600 /);
  });

  it('refuses hardlinks to nothing and to directories', async () => {
    await expect(apply([{ name: 'a', type: 'link', link: 'missing' }])).rejects.toThrow(
      /hardlink to "missing", which does not exist/,
    );
    await expect(apply([directory('d'), { name: 'a', type: 'link', link: 'd' }])).rejects.toThrow(
      /directory "d"/,
    );
  });

  it('says when a layer needs what is below it', async () => {
    const result = await unpack(tar([{ name: 'a', type: 'link', link: 'below' }]), place.path, onTop);
    expect(result.questions.needsLower).toBe('a');
  });

  it('names the directories that have no entry of their own', async () => {
    const entries = [
      { name: 'a/b/c' },
      directory('x'),
      { name: 'x/y/z' },
      directory('a/b'),
      { name: 'gone/.wh.x' },
    ];
    const { questions } = await unpack(tar(entries), place.path, onTop);
    expect(questions).toEqual({ implied: ['a', 'x/y', 'gone', ''], whiteouts: ['gone/x'] });
  });

  it('makes the target of a dangling symlink on the way, inside the root', async () => {
    const { questions } = await unpack(
      tar([
        { name: 'lib', type: 'symlink', link: '/usr/../usr/lib' },
        { name: 'lib/x' },
        { name: 'up', type: 'symlink', link: '../../../up2' },
        { name: 'up/y' },
      ]),
      place.path,
      onTop,
    );
    expect(paths(listTree(join(place.path, 'fs')))).toEqual([
      'lib',
      'up',
      'up2',
      'up2/y',
      'usr',
      'usr/lib',
      'usr/lib/x',
    ]);
    expect(questions.implied).toEqual(['usr', 'usr/lib', 'up2', '']);
  });

  it('refuses symlink loops and files as directories', async () => {
    await expect(apply([{ name: 'a', type: 'symlink', link: 'a' }, { name: 'a/b' }])).rejects.toThrow(
      /"a\/b"/,
    );
    await expect(apply([{ name: 'f' }, { name: 'f/b' }])).rejects.toThrow(/"f" is not a directory/);
  });

  it('unpacks below a file of a lower layer in its place', async () => {
    below(['f']);
    expect(paths(await apply([{ name: 'f/b' }], { mode: 'bind', bottom: false }))).toEqual(['f', 'f/b']);
  });

  it('follows no symlink that was there before, at the end of a name', async () => {
    mkdirSync(join(place.path, 'fs'));
    symlinkSync(join(place.path, 'outside'), join(place.path, 'fs/link'));
    await apply([{ name: 'link', body: 'inside' }]);
    expect(lstatSync(join(place.path, 'fs/link')).isFile()).toBe(true);
    expect(() => lstatSync(join(place.path, 'outside'))).toThrow(/ENOENT/);
  });

  it('makes, lists and removes trees deeper than a path can be long', async () => {
    const parts = Array.from({ length: 19 }, () => 'd'.repeat(200));
    const levels = (prefix: string) =>
      parts.map((_, at) => directory(prefix + parts.slice(0, at + 1).join('/')));
    const link: Entry = { name: 'l', type: 'symlink', link: parts.join('/') };
    const root: Entry = { ...directory('./'), mode: 0o755 };
    const entries = [root, ...levels(''), link, ...levels('l/')];
    expect(paths(await apply(entries))).toHaveLength(2 * 19 + 1);
    await expect(apply([...entries, { name: `l/${parts.join('/')}x/y` }])).rejects.toThrow(/nested deeper/);
    expect(paths(await apply([{ name: parts[0]!, body: 'instead' }]))).toEqual([parts[0], 'l']);
  });
});
