import { mkdirSync, rmSync } from 'node:fs';
import type { ChainID, DriverHost } from '../../../src/driver/index.ts';
import { locked } from '../../lock.ts';
import type { Paths } from './paths.ts';
import { lowersOf, requireID, writeRecord } from './record.ts';
import { removeSnapshot } from './remove.ts';

/** renameat2(2). */
const [AT_FDCWD, RENAME_EXCHANGE] = [-100, 2];

export interface Replacement {
  key: string;
  name: ChainID;
  parent: ChainID | undefined;
}

/** Gives a committed snapshot the files of an active one, whose key goes; whatever stands on it keeps standing there. */
export async function replaceSnapshot(
  host: DriverHost,
  paths: Paths,
  replacement: Replacement,
): Promise<void> {
  await locked(host, paths.lock, { mode: 'exclusive', work: () => exchange(host, paths, replacement) });
  await removeSnapshot(host, paths, replacement.key);
}

function exchange({ syscalls }: DriverHost, paths: Paths, { key, name, parent }: Replacement): void {
  const [fresh, damaged] = [requireID(paths, key), requireID(paths, name)];
  const lowers = lowersOf(paths, parent);
  rmSync(paths.usage(damaged), { force: true });
  mkdirSync(paths.files(damaged), { recursive: true });
  syscalls.renameat2(AT_FDCWD, paths.files(fresh), AT_FDCWD, paths.files(damaged), RENAME_EXCHANGE);
  writeRecord(paths, damaged, { kind: 'writable', lowers, ...(parent !== undefined && { parent }) });
}
