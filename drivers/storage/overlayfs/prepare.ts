import { chmodSync, chownSync, mkdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ChainID, DriverHost } from '../../../src/driver/index.ts';
import { ConflictError, hasCode } from '../../../src/errors.ts';
import { locked } from '../../lock.ts';
import { makeFolders, type Paths, randomID } from './paths.ts';
import { lowersOf, type SnapshotRecord, writeRecord } from './record.ts';

export interface NewSnapshot {
  key: string;
  parent: ChainID | undefined;
  kind: SnapshotRecord['kind'];
}

/**
 * Makes a snapshot. The name comes first: a process that is killed at any later point leaves a name that can be listed
 * and removed. Throws ConflictError when the name exists, NotFoundError when the parent does not.
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
      const lowers = lowersOf(paths, parent);
      const id = claim(paths, key);
      const record: SnapshotRecord = { kind, lowers, ...(parent !== undefined && { parent }) };
      fill(paths, id, record);
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

/** A mounted overlay shows its upper directory's root: it has to look like the one below. */
function fill(paths: Paths, id: string, record: SnapshotRecord): void {
  if (record.kind === 'writable') {
    const files = paths.files(id);
    const below = record.lowers[0] === undefined ? undefined : statSync(paths.files(record.lowers[0]));
    mkdirSync(files);
    chownSync(files, below?.uid ?? 0, below?.gid ?? 0);
    chmodSync(files, below === undefined ? 0o755 : below.mode & 0o7777);
    mkdirSync(paths.work(id), { mode: 0o700 });
  }
  writeRecord(paths, id, record);
}
