import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTree } from '../../fixtures/every-kind.ts';
import { listTree } from '../../fixtures/tree.ts';
import { makeDirectory, unpack } from '../../fixtures/unpack.ts';

const FORMATS: [name: string, options: string[]][] = [
  ['gnu', ['--format=gnu']],
  ['gnu sparse', ['--format=gnu', '--sparse']],
  ['pax', ['--format=posix', '--xattrs', '--xattrs-include=*']],
  ['pax sparse 0.0', ['--format=posix', '--sparse-version=0.0', '--sparse']],
  ['pax sparse 0.1', ['--format=posix', '--sparse-version=0.1', '--sparse']],
  ['pax sparse 1.0', ['--format=posix', '--sparse-version=1.0', '--sparse']],
];

let place: ReturnType<typeof makeDirectory>;
beforeEach(() => {
  place = makeDirectory();
});
afterEach(() => place.remove());

function tarOf(options: string[]): Buffer {
  const tree = join(place.path, 'tree');
  mkdirSync(tree);
  makeTree(tree);
  return execFileSync('tar', ['-c', '--numeric-owner', ...options, '-C', tree, '.'], { maxBuffer: 2 ** 30 });
}

describe.skipIf(process.getuid?.() !== 0)('a layer unpacks to what GNU tar makes of it', () => {
  it.each(FORMATS)('%s', async (_, options) => {
    const bytes = tarOf(options);
    const theirs = join(place.path, 'theirs');
    mkdirSync(theirs);
    execFileSync(
      'tar',
      ['-xp', '--warning=no-timestamp', '--numeric-owner', '--xattrs', '--xattrs-include=*', '-C', theirs],
      { input: bytes },
    );
    await unpack(bytes, place.path, { chunk: 65_537 });
    const listing = listTree(join(place.path, 'fs'));
    expect(Object.keys(listing).length).toBeGreaterThan(25);
    expect(listing).toEqual(listTree(theirs));
  });

  it('keeps file capabilities, setuid bits and attributes with every byte', async () => {
    await unpack(tarOf(['--format=posix', '--xattrs', '--xattrs-include=*']), place.path);
    const listing = listTree(join(place.path, 'fs'));
    expect(listing['usr/bin/ping']).toMatch(/ security\.capability=0100000200200000/);
    expect(listing['usr/bin/su']).toMatch(/^104755 /);
    expect(listing.tmp).toMatch(/^41777 /);
    expect(listing.etc).toMatch(/ trusted\.note=00ff0a3d$/);
    expect(listing['name\xe9']).toBeDefined();
  });
});
