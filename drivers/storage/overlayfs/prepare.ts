import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ChainID, DriverHost } from '../../../src/driver/index.ts';
import { copyRootLooks } from '../../../src/driver/tree.ts';
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
      fill(host, paths, id, record);
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
function fill(host: DriverHost, paths: Paths, id: string, record: SnapshotRecord): void {
  if (record.kind === 'writable') {
    const files = paths.files(id);
    mkdirSync(files, { mode: 0o755 });
    chmodSync(files, 0o755);
    if (record.lowers[0] !== undefined) copyRootLooks(host.syscalls, paths.files(record.lowers[0]), files);
    mkdirSync(paths.work(id), { mode: 0o700 });
  }
  writeRecord(paths, id, record);
}
