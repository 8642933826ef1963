import { describe, expect, it } from 'vitest';
import { listImage } from '../../fixtures/mounted.ts';
import type { Entry } from '../../fixtures/tar.ts';
import { add, directory, place, pull } from './pulling.ts';

async function pulled(...layers: Entry[][]) {
  add(...layers);
  return listImage(place, (await pull('a:1')).image);
}

describe.skipIf(process.getuid?.() !== 0)('layers on top of each other', () => {
  it('delete, hide and replace', async () => {
    const listing = await pulled(
      [
        directory('d'),
        { name: 'd/old' },
        { name: 'd/gone' },
        directory('o'),
        { name: 'o/old' },
        { name: 'f', body: '1' },
      ],
      [directory('d'), { name: 'd/.wh.gone' }, directory('o'), { name: 'o/.wh..wh..opq' }, { name: 'o/new' }],
      [{ name: 'f', type: 'symlink', link: 'd/old' }],
    );
    expect(Object.keys(listing)).toEqual(['.', 'd', 'd/old', 'f', 'o', 'o/new']);
    expect(listing.f).toMatch(/-> d\/old/);
  });

  it('give directories without an entry the looks that they have below', async () => {
    const looks = { mode: 0o1770, uid: 7, gid: 8, mtime: 1_600_000_000, pax: { 'SCHILY.xattr.user.x': 'y' } };
    const listing = await pulled(
      [directory('./', { mode: 0o711, mtime: 1_500_000_000 }), directory('a'), directory('a/b', looks)],
      [{ name: 'a/b/c/file' }],
      [{ name: 'a/b/other' }],
    );
    expect(listing['.']).toBe('40711 0:0 1500000000000000000');
    expect(listing['a/b']).toBe('41770 7:8 1600000000000000000 user.x=79');
    expect(listing['a/b/c']).toMatch(/^40755 0:0 /);
  });

  it('write through a symlinked directory of a lower layer', async () => {
    const listing = await pulled(
      [
        directory('usr'),
        directory('usr/bin'),
        { name: 'usr/bin/old' },
        { name: 'bin', type: 'symlink', link: 'usr/bin' },
      ],
      [{ name: 'bin/new', mode: 0o4755 }, { name: 'bin/.wh.old' }],
    );
    expect(Object.keys(listing)).toEqual(['.', 'bin', 'usr', 'usr/bin', 'usr/bin/new']);
    expect(listing['usr/bin/new']).toMatch(/^104755 /);
  });

  it('link to a file of a lower layer, which keeps its looks', async () => {
    const listing = await pulled(
      [directory('d'), { name: 'd/file', body: 'content', mode: 0o2755, uid: 3 }],
      [{ name: 'link', type: 'link', link: 'd/file' }, { name: 'd/.wh..wh..opq' }],
    );
    expect(Object.keys(listing)).toEqual(['.', 'd', 'link']);
    expect(listing.link).toMatch(/^102755 3:0 1700000000000000000 7 /);
  });

  it('empty the root with an opaque marker there', async () => {
    const listing = await pulled(
      [directory('a'), { name: 'a/b' }, { name: 'c' }],
      [{ name: 'new' }, { name: '.wh..wh..opq' }],
    );
    expect(Object.keys(listing)).toEqual(['.', 'new']);
  });

  it('show no deletion of what was never there', async () => {
    const listing = await pulled(
      [directory('a')],
      [
        directory('new'),
        { name: 'new/.wh.x' },
        { name: 'a/.wh.y' },
        directory('a/o'),
        { name: 'a/o/.wh..wh..opq' },
        { name: 'a/o/.wh.z' },
      ],
      [{ name: 'top' }],
    );
    expect(Object.keys(listing)).toEqual(['.', 'a', 'a/o', 'new', 'top']);
  });

  it('mount when there are 127 of them', async () => {
    const layers = Array.from({ length: 127 }, (_, at) => [
      { name: `f${String(at).padStart(3, '0')}`, body: `${at}` },
    ]);
    const listing = await pulled(...layers);
    expect(Object.keys(listing)).toHaveLength(128);
  });
});
