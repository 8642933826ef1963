import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ChainID, DriverHost, Snapshot } from '../../../src/driver/index.ts';
import { createDiskMeter } from '../../../src/driver/tree.ts';
import { hasCode } from '../../../src/errors.ts';
import { isChainID, type Paths } from './paths.ts';
import { findID, readRecord, type SnapshotRecord } from './record.ts';

export function statOf(paths: Paths, name: string): Snapshot | undefined {
  const id = findID(paths, name);
  if (id === undefined) return undefined;
  const record = readSound(paths, id);
  const parent = record?.parent;
  return { name, kind: kindOf(name, record), ...(parent !== undefined && { parent: parent as ChainID }) };
}

function kindOf(name: string, record: SnapshotRecord | undefined): Snapshot['kind'] {
  if (isChainID(name)) return 'committed';
  return record?.kind === 'view' ? 'view' : 'active';
}

export async function* listAll(paths: Paths): AsyncGenerator<Snapshot> {
  for (const name of namesIn(paths)) {
    const snapshot = statOf(paths, name);
    if (snapshot !== undefined) yield snapshot;
  }
}

function namesIn(paths: Paths): string[] {
  try {
    return readdirSync(paths.names);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** One whose record is damaged is there all the same, and can be removed. */
function readSound(paths: Paths, id: string): SnapshotRecord | undefined {
  try {
    return readRecord(paths, id);
  } catch (error) {
    if (hasCode(error, 'SNAPSHOT_DAMAGED')) return undefined;
    throw error;
  }
}

/** Bytes of the disk that a snapshot takes; 0 when there is none. */
export function diskOf({ syscalls }: DriverHost, paths: Paths, name: string): number {
  const id = findID(paths, name);
  return id === undefined ? 0 : createDiskMeter(syscalls).measure(join(paths.root, id));
}
