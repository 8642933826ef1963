import { deepEqual, equal, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Life } from './life.ts';
import { chain, inPlace, layer, namesOf, type Place } from './place.ts';
import type { Case, StorageSubject } from './types.ts';

/** All that `liveThrough` does, and one more: nothing is left to do then. */
const CALLS = 11;
const MOMENTS = 8;

/** A process that is killed leaves what another one can use, list and remove. */
export function crashCases(subject: StorageSubject): Case[] {
  return [
    inPlace(
      subject,
      'a process that is killed between any two calls leaves nothing that cannot be removed',
      async (place) => {
        for (let calls = 0; calls <= CALLS; calls++) {
          equal(await died(place, { ...lifeOf(subject, place), calls }), 'SIGKILL', `after ${calls} calls`);
          await expectUsable(place);
        }
      },
    ),
    inPlace(subject, 'the same at any moment', async (place) => {
      for (let moment = 0; moment < MOMENTS; moment++) {
        const life = { ...lifeOf(subject, place), calls: CALLS + 1 };
        await died(place, life, moment * 3);
        await expectUsable(place);
      }
    }),
  ];
}

function lifeOf({ module, options = {} }: StorageSubject, { root }: Place): Omit<Life, 'calls'> {
  return { module, options, root };
}

/** Runs `liveThrough` in a process; the signal that ended it. It is killed so many milliseconds after it has begun. */
async function died(_place: Place, life: Life, killAfter?: number): Promise<string | null> {
  const script = `import(${JSON.stringify(import.meta.url)}).then(({liveThrough}) => liveThrough(${JSON.stringify(life)}))`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const end = once(child, 'exit') as Promise<[number | null, string | null]>;
  if (killAfter !== undefined) {
    await once(child.stdout, 'data');
    await sleep(killAfter);
    child.kill('SIGKILL');
  }
  const [code, signal] = await end;
  ok(code === null || code === 0, `the process ended with ${code}`);
  return signal;
}

/** Whatever is there can be told, removed, and made again. */
async function expectUsable(place: Place): Promise<void> {
  const driver = place.again();
  const found = await namesOf(driver);
  for (const [name, kind] of Object.entries(found)) equal((await driver.stat(name))?.kind, kind);
  for (const name of ['view', 'container', 'one', 'two', chain('b'), chain('a')]) await driver.remove(name);
  deepEqual(await namesOf(driver), {});
  await layer({ ...place, driver }, chain('c'), {
    write: (directory) => writeFileSync(join(directory, 'c'), 'c'),
  });
  await driver.remove(chain('c'));
  const files = existsSync(place.root) ? readdirSync(place.root, { recursive: true }).map(String) : [];
  deepEqual(
    files.filter((name) => /(^|\/)c$/.test(name)),
    [],
  );
}
