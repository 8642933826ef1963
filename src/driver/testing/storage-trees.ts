import { deepEqual, equal } from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { AT, AT_FDCWD, S } from '../../../native/constants.ts';
import { compareTrees, type Difference } from '../../layer/compare.ts';
import { chain, inPlace, layer, look, type Place, whileMounted } from './place.ts';
import type { Case, StorageSubject } from './types.ts';

const [A, B] = [chain('a'), chain('b')];
const LONG = 'n'.repeat(255);
/** Bytes; it takes two blocks of them. */
const SPARSE = 1 << 24;

/** Files of every kind keep all that they are, and deletions hide what is below. */
export function treeCases(subject: StorageSubject): Case[] {
  const cases: Record<string, (place: Place) => Promise<void>> = {
    'a deleted file is gone from there on, and stays below': async (place) => {
      await layer(place, A, {
        write: (directory) => ['x', 'y'].map((name) => writeFileSync(join(directory, name), name)),
      });
      await layer(place, B, { parent: A, write: (directory) => rmSync(join(directory, 'x')) });
      deepEqual(await look(place, B, (directory) => readdirSync(directory)), ['y']);
      deepEqual(await look(place, A, (directory) => readdirSync(directory).sort()), ['x', 'y']);
    },

    'a directory that was made anew shows nothing of the old one (opaque)': async (place) => {
      const make = (name: string) => (directory: string) => {
        rmSync(join(directory, 'd'), { recursive: true, force: true });
        mkdirSync(join(directory, 'd'));
        writeFileSync(join(directory, 'd', name), name);
      };
      await layer(place, A, { write: make('old') });
      await layer(place, B, { parent: A, write: make('new') });
      deepEqual(await look(place, B, (directory) => readdirSync(join(directory, 'd'))), ['new']);
    },

    'a file may take the place of a directory, and the other way round': async (place) => {
      await layer(place, A, {
        write(directory) {
          mkdirSync(join(directory, 'd'));
          writeFileSync(join(directory, 'f'), '');
        },
      });
      const swap = (directory: string) => {
        for (const name of ['d', 'f']) rmSync(join(directory, name), { recursive: true });
        mkdirSync(join(directory, 'f'));
        writeFileSync(join(directory, 'd'), '');
      };
      await layer(place, B, { parent: A, write: swap });
      const kinds = await look(place, B, (directory) =>
        ['d', 'f'].map((name) => lstatSync(join(directory, name)).isDirectory()),
      );
      deepEqual(kinds, [false, true]);
    },

    'hardlinks are one file in whatever stands on them': async (place) => {
      const write = (directory: string) => {
        mkdirSync(join(directory, 'd'));
        writeFileSync(join(directory, 'one'), 'x');
        linkSync(join(directory, 'one'), join(directory, 'd/two'));
      };
      await layer(place, A, { write });
      await layer(place, B, { parent: A, write: (directory) => writeFileSync(join(directory, 'three'), '') });
      const [one, two] = await look(place, B, (directory) =>
        ['one', 'd/two'].map((name) => lstatSync(join(directory, name))),
      );
      deepEqual([one!.ino, one!.nlink], [two!.ino, 2]);
    },

    'modes, owners, times, attributes, devices, sparse files and odd names stay': async (place) => {
      await layer(place, A, { write: (directory) => everyKind(place, directory) });
      await layer(place, B, { parent: A, write: (directory) => writeFileSync(join(directory, 'more'), '') });
      const differences: Difference[] = [];
      const original = join(place.root, '../original');
      mkdirSync(original, { mode: 0o755 });
      everyKind(place, original);
      await look(place, B, (found) =>
        compareTrees(
          { syscalls: place.syscalls, expected: original, found, content: true, chanceTimes: 0n },
          (one) => differences.push(one),
        ),
      );
      deepEqual(
        differences
          .map(({ kind, path, what }) => `${kind} ${path} ${what}`)
          .filter((one) => !/added more/.test(one)),
        [],
      );
      const { size } = await look(place, B, (directory) => lstatSync(join(directory, 'sparse')));
      equal(size, SPARSE);
    },

    'a tree of 5000 files comes through and goes again': async (place) => {
      const many = (directory: string) => {
        for (let at = 0; at < 5000; at++) {
          if (at % 100 === 0) mkdirSync(join(directory, `d${at / 100}`));
          writeFileSync(join(directory, `d${Math.floor(at / 100)}`, `f${at}`), String(at));
        }
      };
      await layer(place, A, { write: many });
      whileMounted(place, await place.driver.prepare('container', A), (directory) => {
        equal(readdirSync(directory, { recursive: true }).length, 5050);
        rmSync(join(directory, 'd7'), { recursive: true });
      });
      equal((await look(place, A, (directory) => readdirSync(directory, { recursive: true }))).length, 5050);
      for (const name of ['container', A]) await place.driver.remove(name);
      const left = readdirSync(place.root, { recursive: true }).map(String);
      deepEqual(
        left.filter((name) => /(^|\/)f\d+$/.test(name)),
        [],
      );
    },
  };
  return Object.entries(cases).map(([name, work]) => inPlace(subject, name, work));
}

/** One of each, at the same times wherever it is made. */
function everyKind({ syscalls }: Place, directory: string): void {
  const at = (name: string) => join(directory, name);
  mkdirSync(at('sticky'));
  chmodSync(at('sticky'), 0o1777);
  for (const name of ['setuid', 'capable', 'odd', LONG, 'sparse']) writeFileSync(at(name), name);
  chownSync(at('odd'), 2 ** 31, 2 ** 31 + 1);
  chmodSync(at('setuid'), 0o4711);
  truncateSync(at('sparse'), SPARSE);
  symlinkSync('../nowhere', at('link'));
  const odd = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0xff, 0xfe])]);
  writeFileSync(odd, 'bytes');
  syscalls.mknodat(AT_FDCWD, at('fifo'), S.IFIFO | 0o600, { major: 0, minor: 0 });
  syscalls.mknodat(AT_FDCWD, at('device'), S.IFCHR | 0o666, { major: 1, minor: 3 });
  // linux/capability.h: version 2, effective, CAP_NET_RAW.
  const capability = Buffer.from('0100000200200000000000000000000000000000', 'hex');
  syscalls.lsetxattr(at('capable'), 'security.capability', capability, 0);
  syscalls.lsetxattr(at('capable'), 'trusted.x', Buffer.from([0, 255]), 0);
  const named = ['setuid', 'capable', 'odd', LONG, 'sparse', 'link', 'fifo', 'device'].map(at);
  for (const path of [...named, odd])
    syscalls.utimensat(AT_FDCWD, path, 123n, 1_234_567_890_123_456_789n, AT.SYMLINK_NOFOLLOW);
}
