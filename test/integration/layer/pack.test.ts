/** Trees and upper directories as archives: what GNU tar and our own unpacking make of them again. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { S } from '../../../native/constants.ts';
import { createSyscalls } from '../../../native/index.ts';
import { type Packing, packTree } from '../../../src/layer/pack/pack.ts';
import { OPEN_DIRECTORY } from '../../../src/layer/tree.ts';
import { makeTree } from '../../fixtures/every-kind.ts';
import { listTree } from '../../fixtures/tree.ts';
import { makeDirectory, unpack } from '../../fixtures/unpack.ts';

const syscalls = createSyscalls();
let place: ReturnType<typeof makeDirectory>;
let tree: string;
beforeEach(() => {
  place = makeDirectory();
  tree = join(place.path, 'tree');
  mkdirSync(tree);
});
afterEach(() => place.remove());

function pack(options: Partial<Packing> = {}): Buffer {
  const directory = openSync(tree, 'r');
  try {
    return Buffer.concat([...packTree({ syscalls, directory, what: 'tree', withRoot: true, ...options })]);
  } finally {
    closeSync(directory);
  }
}

const sh = (script: string) => execFileSync('sh', ['-euc', script], { cwd: tree });
const namesIn = (archive: Buffer) =>
  execFileSync('tar', ['-t', '--quoting-style=literal'], { input: archive })
    .toString()
    .split('\n')
    .filter(Boolean);

describe.skipIf(process.getuid?.() !== 0)('packTree', () => {
  it('keeps every kind of file, for GNU tar and for our own unpacking', async () => {
    makeTree(tree);
    sh('chown 2147483648:4294967294 etc/absolute -h; setfattr -n user.caf$(printf "\\351") -v odd etc/file');
    const expected = listTree(tree);
    const archive = pack();
    const theirs = join(place.path, 'theirs');
    mkdirSync(theirs);
    const keep = ['--warning=no-timestamp', '--numeric-owner', '--xattrs', '--xattrs-include=*'];
    execFileSync('tar', ['-xp', ...keep, '-C', theirs], { input: archive });
    expect(listTree(theirs)).toEqual(expected);
    await unpack(archive, place.path, { chunk: 65_537 });
    expect(listTree(join(place.path, 'fs'))).toEqual(expected);
    expect(Object.keys(expected).length).toBeGreaterThan(25);
  });

  it('gives the same bytes for the same tree, in order of names', () => {
    makeTree(tree);
    sh('cp -a . ../copy');
    const first = pack();
    expect(pack().equals(first)).toBe(true);
    const directory = openSync(join(place.path, 'copy'), 'r');
    const copy = Buffer.concat([...packTree({ syscalls, directory, what: 'tree', withRoot: true })]);
    closeSync(directory);
    expect(copy.equals(first)).toBe(true);
  });

  it('leaves out sockets, and the root where it is not wanted', async () => {
    const server = createServer().listen(join(tree, 'socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    writeFileSync(join(tree, 'file'), 'x');
    expect(namesIn(pack())).toEqual(['./', 'file']);
    expect(namesIn(pack({ withRoot: false }))).toEqual(['file']);
    await new Promise((resolve) => server.close(resolve));
  });

  it('goes deeper than any path can be', () => {
    const name = 'd'.repeat(250);
    let directory = openSync(tree, 'r');
    for (let depth = 0; depth < 20; depth++) {
      syscalls.mkdirat(directory, name, 0o755);
      const below = syscalls.openat(directory, name, OPEN_DIRECTORY);
      closeSync(directory);
      directory = below;
    }
    syscalls.mknodat(directory, 'file', S.IFIFO, { major: 0, minor: 0 });
    closeSync(directory);
    const archive = pack({ withRoot: false });
    expect(archive.indexOf(`${`${name}/`.repeat(20)}file`)).toBeGreaterThan(0);
  });

  it('turns deletions of an upper directory into whiteouts, which unpack to the same again', async () => {
    sh(`mkdir opaque merged; echo x > opaque/new; mknod merged/gone c 0 0; ln merged/gone hidden; mknod null c 1 3
      setfattr -n trusted.overlay.opaque -v y opaque; setfattr -n trusted.overlay.impure -v y merged
      setfattr -n trusted.overlay.origin -v y null`);
    const archive = pack({ what: 'layer' });
    const names = [
      './',
      '.wh.hidden',
      'merged/',
      'merged/.wh.gone',
      'null',
      'opaque/',
      'opaque/.wh..wh..opq',
      'opaque/new',
    ];
    expect(namesIn(archive)).toEqual(names);
    expect(archive.includes('trusted.overlay')).toBe(false);
    await unpack(archive, place.path, { bottom: false });
    const listing = listTree(join(place.path, 'fs'));
    expect(listing['merged/gone']).toMatch(/^20000 .* 0:0$/);
    expect(listing.hidden).toMatch(/^20000 .* 0:0$/);
    expect(listing.opaque).toMatch(/trusted\.overlay\.opaque=79$/);
    expect(listing.null).toMatch(/ 1:3$/);
  });

  it('refuses a file that would be taken for a deletion in a layer, and takes it in a tree', () => {
    writeFileSync(join(tree, '.wh.file'), '');
    expect(() => pack({ what: 'layer' })).toThrow(expect.objectContaining({ code: 'UNPACKABLE_NAME' }));
    expect(namesIn(pack({ withRoot: false }))).toEqual(['.wh.file']);
  });

  it.each(['redirect', 'metacopy'])('refuses an upper directory that was written with %s', (feature) => {
    sh(`mkdir moved; setfattr -n trusted.overlay.${feature} -v y moved`);
    expect(() => pack({ what: 'layer' })).toThrow(expect.objectContaining({ code: 'UNPACKABLE_LAYER' }));
    expect(namesIn(pack({ withRoot: false }))).toEqual(['moved/']);
  });

  it('notices that somebody moves the directory that it is in', () => {
    sh('mkdir -p a/b/c; echo x > a/b/c/file; echo y > z; mkdir elsewhere');
    const directory = openSync(tree, 'r');
    const pieces = packTree({ syscalls, directory, what: 'tree', withRoot: false });
    sh('head -c 200000 /dev/zero > a/b/c/file');
    pieces.next();
    sh('mv a/b/c elsewhere');
    expect(() => [...pieces]).toThrow(expect.objectContaining({ code: 'TREE_CHANGED' }));
    closeSync(directory);
  });
});

describe.skipIf(process.getuid?.() !== 0)('packTree with a tree below', () => {
  const CHANGE = `rm etc/hardlink; rm -r sgid; mkdir sgid; echo y > sgid/other; chmod 700 tmp; rm bin; mkdir bin
    echo HELLO > etc/file.new; touch -r etc/file etc/same; printf 'HELLO\\n' > usr/bin/late; setfattr -n user.new -v x empty
    ln usr/bin/big big-link; rm dangling; echo now a file > dangling; mknod fifo2 c 1 5; echo hallo > usr/bin/was-there
    touch -d '2001-01-01' usr/bin/was-there usr/bin`;

  it('has what differs, whiteouts for what is gone, and makes the tree again on top of what was below', async () => {
    makeTree(tree);
    sh("echo hello > usr/bin/was-there; touch -d '2001-01-01' usr/bin/was-there usr/bin; cp -a . ../below");
    sh(CHANGE);
    const below = openSync(join(place.path, 'below'), 'r');
    const archive = pack({ below });
    closeSync(below);
    const names = namesIn(archive);
    expect(names).toEqual(
      expect.arrayContaining(['etc/.wh.hardlink', 'sgid/.wh.file', 'big-link', 'tmp/', 'usr/bin/was-there']),
    );
    expect(names.filter((name) => /^deep|shadow|sparse|ping|null/.test(name))).toEqual([]);
    sh('cp -a ../below ../fs');
    await unpack(archive, place.path, { mode: 'bind', bottom: false });
    expect(listTree(join(place.path, 'fs'))).toEqual(listTree(tree));
  });

  it('is next to empty when nothing differs', () => {
    makeTree(tree);
    sh('cp -a . ../below');
    const below = openSync(join(place.path, 'below'), 'r');
    expect(namesIn(pack({ below, withRoot: false }))).toEqual([]);
    expect(namesIn(pack({ below }))).toEqual(['./']);
    closeSync(below);
  });
});
