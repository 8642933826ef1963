import { deepEqual, equal } from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConflictError } from '../../errors.ts';
import { chain, inPlace, layer, look, namesOf, type Place, whileMounted } from './place.ts';
import type { Case, StorageSubject } from './types.ts';

const MANY = 12;

/** Many at once, as separate processes would have the driver. */
export function raceCases(subject: StorageSubject): Case[] {
  const numbers = Array.from({ length: MANY }, (_, at) => at);
  const cases: Record<string, (place: Place) => Promise<void>> = {
    'many snapshots are made and removed at once': async (place) => {
      await layer(place, chain('a'), { write: (directory) => writeFileSync(join(directory, 'a'), 'a') });
      await Promise.all(numbers.map((at) => place.again().prepare(`c${at}`, chain('a'))));
      equal(Object.keys(await namesOf(place.driver)).length, MANY + 1);
      await Promise.all(numbers.map((at) => place.again().remove(`c${at}`)));
      deepEqual(await namesOf(place.driver), { [chain('a')]: 'committed' });
    },

    'of many commits of one name all succeed, and one stays': async (place) => {
      for (const at of numbers) {
        const mounts = await place.driver.prepare(`k${at}`);
        whileMounted(place, mounts, (directory) => writeFileSync(join(directory, 'same'), ''));
      }
      await Promise.all(numbers.map((at) => place.again().commit(`k${at}`, chain('a'))));
      deepEqual(await namesOf(place.driver), { [chain('a')]: 'committed' });
      deepEqual(await look(place, chain('a'), (directory) => readdirSync(directory)), ['same']);
    },

    'of a removal and a new child one wins, and the other says so': async (place) => {
      for (const at of numbers) {
        await layer(place, chain('a'), { write: (directory) => writeFileSync(join(directory, 'a'), '') });
        const [child, removal] = await Promise.allSettled([
          place.again().prepare(`c${at}`, chain('a')),
          place.again().remove(chain('a')),
        ]);
        equal(Number(child.status === 'fulfilled') + Number(removal.status === 'fulfilled'), 1);
        if (removal.status === 'rejected') equal(removal.reason instanceof ConflictError, true);
        for (const name of [`c${at}`, chain('a')]) await place.driver.remove(name);
      }
      deepEqual(await namesOf(place.driver), {});
    },
  };
  return Object.entries(cases).map(([name, work]) => inPlace(subject, name, work));
}
