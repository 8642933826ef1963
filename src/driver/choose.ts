import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DriverUnavailableError, GockerError, hasCode } from '../errors.ts';
import { writeFileAtomic } from '../store/atomic.ts';
import type { StorageDriver } from './index.ts';

export interface StorageChoice {
  /** GOCKER_ROOT. */
  root: string;
  /** By `--storage-driver` or GOCKER_STORAGE_DRIVER. */
  asked: string | undefined;
  load(name: string): Promise<StorageDriver>;
  /** One line for the person at the terminal. */
  log(line: string): void;
}

/** The best one first. */
const OWN = ['overlayfs', 'vfs'] as const;

/**
 * The storage driver of a root. It is chosen once, and remembered: what is asked for, else the best that works here. A
 * root that holds snapshots of one driver refuses another: DRIVER_MISMATCH. Throws what `probe` of the driver throws.
 */
export async function chooseStorageDriver(choice: StorageChoice): Promise<string> {
  const { root, asked } = choice;
  const known = remembered(root) ?? inUse(root);
  if (known !== undefined && (asked === undefined || asked === known)) return known;
  if (known !== undefined && asked !== undefined && (await holdsAny(choice, known)))
    throw mismatch(root, known, asked);
  const name = asked ?? (await bestOf(choice));
  if (asked !== undefined) await (await choice.load(asked)).probe();
  await remember(root, name);
  return name;
}

function pathOf(root: string): string {
  return join(root, 'storage', 'driver');
}

function remembered(root: string): string | undefined {
  try {
    const name = readFileSync(pathOf(root), 'utf8').trim();
    // A damaged one is found out anew by what is there.
    return existsSync(join(root, 'storage', name)) && /^[a-z0-9][a-z0-9-]*$/.test(name) ? name : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Of a root that was made before drivers were remembered, or whose note is damaged: the one that has a folder. */
function inUse(root: string): string | undefined {
  const folder = join(root, 'storage');
  if (!existsSync(folder)) return undefined;
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return names.length === 1 ? names[0]!.name : undefined;
}

async function remember(root: string, name: string): Promise<void> {
  mkdirSync(join(root, 'storage', name), { recursive: true, mode: 0o700 });
  await writeFileAtomic(pathOf(root), `${name}\n`, { durable: false });
}

async function holdsAny({ load }: StorageChoice, name: string): Promise<boolean> {
  for await (const _ of (await load(name)).list()) return true;
  return false;
}

async function bestOf({ load, log }: StorageChoice): Promise<string> {
  for (const name of OWN.slice(0, -1)) {
    try {
      await (await load(name)).probe();
      return name;
    } catch (error) {
      if (!(error instanceof DriverUnavailableError)) throw error;
      log(`storage driver ${OWN.at(-1)}, which copies every layer: ${error.message}`);
    }
  }
  return OWN.at(-1)!;
}

function mismatch(root: string, known: string, asked: string): GockerError {
  return new GockerError('DRIVER_MISMATCH', `${root} is kept by storage driver ${known}, not by ${asked}`, {
    hint: `leave --storage-driver out, choose another place with --root, or remove all containers and images there first`,
  });
}
