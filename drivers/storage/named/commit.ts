import { rmSync } from 'node:fs';
import type { ChainID, DriverHost } from '../../../src/driver/index.ts';
import { hasCode, NotFoundError } from '../../../src/errors.ts';
import { locked } from '../../lock.ts';
import type { Paths } from './paths.ts';
import { lowersOf, readRecord, requireID, writeRecord } from './record.ts';
import { removeSnapshot } from './remove.ts';

/** renameat2(2). */
const [AT_FDCWD, RENAME_NOREPLACE] = [-100, 1];

export interface Commit {
  key: string;
  name: ChainID;
  parent: ChainID | undefined;
}

/** Gives the snapshot its lasting name in one step, after its record says what it stands on. */
export async function commitSnapshot(host: DriverHost, paths: Paths, commit: Commit): Promise<void> {
  const isFirst = await locked(host, paths.lock, { mode: 'shared', work: () => rename(host, paths, commit) });
  if (!isFirst) await removeSnapshot(host, paths, commit.key);
}

/** False when another one has the name already. */
function rename(host: DriverHost, paths: Paths, { key, name, parent }: Commit): boolean {
  const id = requireID(paths, key);
  const record = readRecord(paths, id);
  if (record?.kind !== 'writable')
    throw new NotFoundError('SNAPSHOT_NOT_FOUND', `no such active snapshot: ${key}`);
  if (parent !== undefined && parent !== record.parent) {
    writeRecord(paths, id, { ...record, parent, lowers: lowersOf(paths, parent) });
  }
  try {
    host.syscalls.renameat2(AT_FDCWD, paths.name(key), AT_FDCWD, paths.name(name), RENAME_NOREPLACE);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
  rmSync(paths.work(id), { recursive: true, force: true });
  return true;
}
