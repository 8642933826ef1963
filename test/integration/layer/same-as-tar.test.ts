import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listTree } from '../../fixtures/tree.ts';
import { makeDirectory, unpack } from '../../fixtures/unpack.ts';

/** A tree with one of everything that GNU tar keeps. */
const MAKE_TREE = `
set -eu; umask 022; cd "$1"
mkdir -p usr/bin etc 'dir with space' deep/$(printf 'x%.0s' $(seq 120))/$(printf 'y%.0s' $(seq 120)) tmp sgid
ln -s usr/bin bin; ln -s /etc/absolute etc/absolute; ln -s nowhere dangling
echo hello > etc/file; ln etc/file etc/hardlink; ln etc/file usr/bin/hardlink
head -c 700000 /dev/urandom > usr/bin/big; : > empty
cp /bin/true usr/bin/su; chmod 4755 usr/bin/su; chmod 1777 tmp; chgrp 8 sgid; chmod 2775 sgid; echo x > sgid/file
echo secret > etc/shadow; chmod 0640 etc/shadow; chown 12345:42 etc/shadow
cp /bin/true usr/bin/ping; setcap cap_net_raw+ep usr/bin/ping
setfattr -n user.note -v 'a value' etc/file; setfattr -n trusted.note -v '0x00ff0a3d' etc
mkfifo -m 0622 fifo; mknod -m 0666 null c 1 3; mknod -m 0660 disk b 254 7; chown 0:6 disk
printf 'latin\\351' > "$(printf 'name\\351')"; echo tab > "$(printf 'a\\tb\\nc')"
dd if=/dev/zero of=sparse bs=1 count=0 seek=3M 2>/dev/null; printf middle | dd of=sparse bs=1 seek=1M conv=notrunc 2>/dev/null
printf tail | dd of=sparse bs=1 seek=3145720 conv=notrunc 2>/dev/null
chown -h 7:7 dangling; touch -h -d '2001-02-03 04:05:06.789' dangling; touch -d '1965-01-01 00:00:00' empty
touch -d '2030-06-01 12:00:00.123456789' etc/file 'dir with space' usr/bin .
`;

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

function packTree(options: string[]): Buffer {
  const tree = join(place.path, 'tree');
  mkdirSync(tree);
  execFileSync('sh', ['-c', MAKE_TREE, 'sh', tree]);
  return execFileSync('tar', ['-c', '--numeric-owner', ...options, '-C', tree, '.'], { maxBuffer: 2 ** 30 });
}

describe.skipIf(process.getuid?.() !== 0)('a layer unpacks to what GNU tar makes of it', () => {
  it.each(FORMATS)('%s', async (_, options) => {
    const bytes = packTree(options);
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
    await unpack(packTree(['--format=posix', '--xattrs', '--xattrs-include=*']), place.path);
    const listing = listTree(join(place.path, 'fs'));
    expect(listing['usr/bin/ping']).toMatch(/ security\.capability=0100000200200000/);
    expect(listing['usr/bin/su']).toMatch(/^104755 /);
    expect(listing.tmp).toMatch(/^41777 /);
    expect(listing.etc).toMatch(/ trusted\.note=00ff0a3d$/);
    expect(listing['name\xe9']).toBeDefined();
  });
});
