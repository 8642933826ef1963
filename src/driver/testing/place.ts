import { deepEqual } from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MNT, MS } from '../../../native/constants.ts';
import { createSyscalls } from '../../../native/index.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { createHost } from '../host.ts';
import type { ChainID, CreateDriver, Mount, StorageDriver } from '../index.ts';
import type { Case, StorageSubject } from './types.ts';

/** What a case works with. */
export interface Place {
  /** The driver's own folder. */
  root: string;
  syscalls: Syscalls;
  driver: StorageDriver;
  /** The same driver as another process would have it. */
  again(): StorageDriver;
}

/** The default export of a driver's module. */
export async function loadCreate<D>(module: string): Promise<CreateDriver<D>> {
  const loaded = module.endsWith('.cjs')
    ? createRequire(import.meta.url)(module)
    : await import(pathToFileURL(module).href);
  return loaded.default as CreateDriver<D>;
}

/** A case with a new root for the driver. It must leave no mount there. */
export function inPlace(subject: StorageSubject, name: string, work: (place: Place) => Promise<void>): Case {
  return {
    name,
    async run() {
      const folder = mkdtempSync(join(subject.parent ?? '/var/tmp', 'gocker-conformance-'));
      const [root, syscalls] = [join(folder, 'driver'), createSyscalls()];
      const create = await loadCreate<StorageDriver>(subject.module);
      const again = () => create(createHost({ root, syscalls, log: () => undefined }), subject.options ?? {});
      try {
        await work({ root, syscalls, driver: again(), again });
        deepEqual(mountsBelow(folder), [], 'the driver has left mounts');
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

function mountsBelow(folder: string): string[] {
  const points = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return points.map((line) => line.split(' ')[4] ?? '').filter((point) => point.startsWith(folder));
}

/** What a container would see, mounted while `work` looks at it. */
export function whileMounted<R>(
  { root, syscalls }: Place,
  mounts: Mount[],
  work: (directory: string) => R,
): R {
  const directory = mkdtempSync(join(root, '..', 'seen-'));
  const made: string[] = [];
  try {
    for (const mount of mounts) {
      const target = join(directory, mount.target ?? '.');
      mkdirSync(target, { recursive: true });
      mountOne(syscalls, mount, target);
      made.unshift(target);
    }
    return work(directory);
  } finally {
    for (const target of made) syscalls.umount2(target, MNT.DETACH);
    rmdirSync(directory);
  }
}

function mountOne(syscalls: Syscalls, { type, source, options }: Mount, target: string): void {
  if (type !== 'bind') {
    syscalls.mount(source, target, type, 0, options.join(','));
    return;
  }
  syscalls.mount(source, target, null, MS.BIND | MS.REC, null);
  if (options.includes('ro')) syscalls.mount(null, target, null, MS.BIND | MS.REMOUNT | MS.RDONLY, null);
}

/** A chainID of one digit. */
export function chain(digit: string): ChainID {
  return `sha256:${digit.repeat(64)}` as ChainID;
}

/** Prepares a snapshot on top of `parent`, lets `write` work in it, and commits it. */
export async function layer(
  place: Place,
  name: ChainID,
  { parent, write }: { parent?: ChainID; write(directory: string): void },
): Promise<void> {
  const key = `key-${name.slice(-8)}`;
  whileMounted(place, await place.driver.prepare(key, parent), write);
  await place.driver.commit(key, name);
}

/** Looks at a snapshot as a container that stands on it would. */
export async function look<R>(place: Place, name: ChainID, work: (directory: string) => R): Promise<R> {
  const mounts = await place.driver.view('look', name);
  try {
    return whileMounted(place, mounts, work);
  } finally {
    await place.driver.remove('look');
  }
}

export async function namesOf(driver: StorageDriver): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name, kind } of driver.list()) found[name] = kind;
  return found;
}
