import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ChainID, DriverHost } from '../../../src/driver/index.ts';
import { ConflictError, hasCode } from '../../../src/errors.ts';
import { locked } from '../../lock.ts';
import { isChainID, makeFolders, type Paths, randomID } from './paths.ts';
import { lowersOf, type SnapshotRecord, writeRecord } from './record.ts';

export interface NewSnapshot {
  key: string;
  parent: ChainID | undefined;
  kind: SnapshotRecord['kind'];
  /** Makes what is in the snapshot's folder; the record follows, and says that it is whole. */
  fill(id: string, lowers: string[]): void;
}

/**
 * Makes a snapshot. The name comes first: a process that is killed at any later point leaves a name that can be listed
 * and removed. Nobody removes the parent meanwhile. Throws ConflictError when the name exists, NotFoundError when the
 * parent does not.
 */
export async function makeSnapshot(
  host: DriverHost,
  paths: Paths,
  snapshot: NewSnapshot,
): Promise<SnapshotRecord & { id: string }> {
  makeFolders(paths);
  return locked(host, paths.lock, {
    mode: 'shared',
    work: () => {
      const { key, parent, kind } = snapshot;
      refuseChainID(key);
      const lowers = lowersOf(paths, parent);
      const id = claim(paths, key);
      const record: SnapshotRecord = { kind, lowers, ...(parent !== undefined && { parent }) };
      snapshot.fill(id, lowers);
      writeRecord(paths, id, record);
      return { ...record, id };
    },
  });
}

function claim(paths: Paths, key: string): string {
  const id = randomID();
  try {
    symlinkSync(id, paths.name(key));
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    throw new ConflictError('SNAPSHOT_EXISTS', `snapshot ${key} exists already`);
  }
  try {
    mkdirSync(join(paths.root, id), { mode: 0o700 });
  } catch (error) {
    rmSync(paths.name(key));
    throw error;
  }
  return id;
}

/** Names of committed snapshots are not for active ones. */
function refuseChainID(key: string): void {
  if (isChainID(key)) throw new ConflictError('INVALID_SNAPSHOT_NAME', `a key cannot be a chainID: ${key}`);
}
