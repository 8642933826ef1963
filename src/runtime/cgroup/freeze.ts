import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GockerError, hasCode } from '../../errors.ts';
import { findHierarchies } from './hierarchies.ts';
import { directoryOf } from './paths.ts';

const ATTEMPTS = 500;
const PAUSE_MS = 10;

/** The file that freezes a container, what to write, and how one sees that all have stopped. */
interface Freezer {
  file: string;
  words: { freeze: string; thaw: string };
  isFrozen(): boolean;
}

/** v1's freezer where it is mounted (freezer-subsystem.rst), else v2's (cgroup-v2.rst, "cgroup.freeze"). */
function freezerOf(id: string): Freezer | undefined {
  const hierarchies = findHierarchies();
  const old = hierarchies.find(({ controllers }) => controllers.includes('freezer'));
  if (old) {
    const file = join(directoryOf(old, id), 'freezer.state');
    return {
      file,
      words: { freeze: 'FROZEN', thaw: 'THAWED' },
      isFrozen: () => read(file).trim() === 'FROZEN',
    };
  }
  const unified = hierarchies.find(({ version }) => version === 2);
  if (!unified) return undefined;
  const directory = directoryOf(unified, id);
  return {
    file: join(directory, 'cgroup.freeze'),
    words: { freeze: '1', thaw: '0' },
    isFrozen: () => /^frozen 1$/m.test(read(join(directory, 'cgroup.events'))),
  };
}

/** True while no process of the container runs because it was told so; false when it has no cgroup. */
export function isFrozen(id: string): boolean {
  return freezerOf(id)?.isFrozen() ?? false;
}

/** Stops every process of a container, or lets them go on. Throws NO_FREEZER, FREEZE_FAILED. */
export async function setFrozen(id: string, frozen: boolean): Promise<void> {
  const freezer = freezerOf(id);
  if (!freezer) throw noFreezer();
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    // v1 may stop halfway, with a process in the middle of a fork: writing again goes on.
    if (!write(freezer.file, frozen ? freezer.words.freeze : freezer.words.thaw)) return;
    if (freezer.isFrozen() === frozen) return;
    await sleep(PAUSE_MS);
  }
  if (frozen) write(freezer.file, freezer.words.thaw);
  throw new GockerError('FREEZE_FAILED', 'the processes of the container do not stop', {
    hint: 'one that waits for a device (state D) cannot be stopped: see gocker top',
  });
}

/** False when the container has ended meanwhile. */
function write(file: string, word: string): boolean {
  try {
    writeFileSync(file, word, { flag: 'r+' });
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENODEV')) return false;
    throw error;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENODEV')) return '';
    throw error;
  }
}

function noFreezer(): GockerError {
  return new GockerError('NO_FREEZER', 'this host has no freezer cgroup', {
    hint: 'mount it: mount -t cgroup -o freezer none /sys/fs/cgroup/freezer',
  });
}
