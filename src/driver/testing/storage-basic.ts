import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConflictError, NotFoundError } from '../../errors.ts';
import { chain, inPlace, layer, look, namesOf, type Place, whileMounted } from './place.ts';
import type { Case, StorageSubject } from './types.ts';

const [A, B, C] = ['a', 'b', 'c'].map(chain) as [ReturnType<typeof chain>, ...ReturnType<typeof chain>[]];

const write =
  (name: string, text = name) =>
  (directory: string) =>
    writeFileSync(join(directory, name), text);
const isConflict = (error: unknown) => error instanceof ConflictError;
const isMissing = (error: unknown) => error instanceof NotFoundError;

/** The life of snapshots: what is there when, and what is refused. */
export function basicCases(subject: StorageSubject): Case[] {
  const cases: Record<string, (place: Place) => Promise<void>> = {
    'finds that this host can run it': async ({ driver }) => driver.probe(),

    'a new snapshot is an empty directory of mode 755 that can be written': async (place) => {
      const mounts = await place.driver.prepare('key');
      whileMounted(place, mounts, (directory) => {
        deepEqual(readdirSync(directory), []);
        write('x')(directory);
      });
      deepEqual(await namesOf(place.driver), { key: 'active' });
    },

    'what is committed has its chainID, its parent, and no key any more': async (place) => {
      await layer(place, A, { write: write('a') });
      await layer(place, B!, { parent: A, write: write('b') });
      deepEqual(await namesOf(place.again()), { [A]: 'committed', [B!]: 'committed' });
      deepEqual(await place.driver.stat(B!), { name: B, kind: 'committed', parent: A });
      equal(await place.driver.stat('key'), undefined);
    },

    'a child sees all that is below, and writes nothing into it': async (place) => {
      await layer(place, A, { write: write('a') });
      await layer(place, B!, { parent: A, write: write('b') });
      const container = await place.driver.prepare('container', B);
      whileMounted(place, container, (directory) => {
        deepEqual(readdirSync(directory).sort(), ['a', 'b']);
        write('a', 'changed')(directory);
        write('c')(directory);
      });
      const seen = await look(place, B!, (directory) => [
        readdirSync(directory).sort(),
        readFileSync(join(directory, 'a'), 'utf8'),
      ]);
      deepEqual(seen, [['a', 'b'], 'a']);
      const again = await place.again().mounts('container');
      equal(
        whileMounted(place, again, (directory) => readFileSync(join(directory, 'a'), 'utf8')),
        'changed',
      );
    },

    'a view cannot be written': async (place) => {
      await layer(place, A, { write: write('a') });
      await look(place, A, (directory) => throws(() => write('b')(directory), { code: 'EROFS' }));
    },

    'a key that is taken, a parent and a snapshot that are not there are refused': async ({ driver }) => {
      await driver.prepare('key');
      await rejects(driver.prepare('key'), isConflict);
      await rejects(driver.prepare('other', A), isMissing);
      await rejects(driver.view('other', A), isMissing);
      await rejects(driver.mounts('other'), isMissing);
      await rejects(driver.commit('other', A), isMissing);
      deepEqual(await namesOf(driver), { key: 'active' });
    },

    'a name that another pull has committed meanwhile is success, and the later one goes': async (place) => {
      await layer(place, A, { write: write('first') });
      await layer(place, A, { write: write('second') });
      deepEqual(await namesOf(place.driver), { [A]: 'committed' });
      deepEqual(await look(place, A, (directory) => readdirSync(directory)), ['first']);
    },

    'nothing goes that something stands on, and what is gone may go again': async (place) => {
      const { driver } = place;
      await layer(place, A, { write: write('a') });
      await layer(place, B!, { parent: A, write: write('b') });
      await driver.prepare('container', B);
      await rejects(driver.remove(B!), isConflict);
      await rejects(driver.remove(A), isConflict);
      for (const name of ['container', B!, A]) {
        await driver.remove(name);
        await driver.remove(name);
      }
      deepEqual(await namesOf(driver), {});
    },

    'a parent may be named at the commit alone, where the driver says so': async (place) => {
      if (!place.driver.rebase) return;
      await layer(place, A, { write: write('a') });
      whileMounted(place, await place.driver.prepare('key'), write('b'));
      await place.driver.commit('key', B!, A);
      deepEqual(await look(place, B!, (directory) => readdirSync(directory).sort()), ['a', 'b']);
      await rejects(place.driver.remove(A), isConflict);
    },

    'usage tells what a snapshot has of its own': async (place) => {
      const { driver } = place;
      await layer(place, A, { write: write('a', 'x'.repeat(50_000)) });
      await driver.prepare('container', A);
      const [below, empty] = [await driver.usage(A), await driver.usage('container')];
      ok(below.bytes >= 50_000 && below.bytes < 60_000, `${below.bytes} bytes for a file of 50000`);
      ok(empty.bytes < 1000, `${empty.bytes} bytes for a container that has written nothing`);
      whileMounted(place, await driver.mounts('container'), write('b', 'x'.repeat(9000)));
      const { bytes } = await driver.usage('container');
      ok(bytes >= 9000 && bytes < 12_000, `${bytes} bytes for a file of 9000`);
      deepEqual(await place.again().usage(A), below);
      await rejects(driver.usage(C!), isMissing);
      const disk = (await driver.disk?.('container')) ?? 12_288;
      ok(disk >= 9000, `${disk} bytes on the disk`);
    },

    'changes tells what was added, changed and deleted, where the driver has it': async (place) => {
      const { driver } = place;
      if (driver.changes === undefined) return;
      await layer(place, A, { write: write('stays') });
      await layer(place, B!, { parent: A, write: write('changes') });
      whileMounted(place, await driver.prepare('container', B), write('new'));
      whileMounted(place, await driver.mounts('container'), write('changes', 'otherwise'));
      deepEqual(
        (await driver.changes('container')).sort((one, other) => (one.path < other.path ? -1 : 1)),
        [
          { kind: 'changed', path: '/changes' },
          { kind: 'added', path: '/new' },
        ],
      );
    },

    'replace gives a layer other files below all that stands on it, where the driver has it': async (
      place,
    ) => {
      const { driver } = place;
      if (driver.replace === undefined) return;
      await layer(place, A, { write: write('damaged') });
      await driver.prepare('container', A);
      whileMounted(place, await driver.prepare('key'), write('mended'));
      await driver.replace('key', A);
      deepEqual(await look(place, A, (directory) => readdirSync(directory)), ['mended']);
      deepEqual(await namesOf(driver), { [A]: 'committed', container: 'active' });
    },

    'names cannot lead out of its folder': async ({ driver, root }) => {
      for (const key of ['../out', 'a/b', '', '.', '..']) await rejects(driver.prepare(key));
      ok(!existsSync(join(root, '../out')));
    },
  };
  return Object.entries(cases).map(([name, work]) => inPlace(subject, name, work));
}
