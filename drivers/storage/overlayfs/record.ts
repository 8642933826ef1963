import { readFileSync, readlinkSync } from 'node:fs';
import type { ChainID } from '../../../src/driver/index.ts';
import { hasCode, NotFoundError } from '../../../src/errors.ts';
import { replace } from '../../replace.ts';
import type { Paths } from './paths.ts';

/** What `snapshot.json` holds. */
export interface SnapshotRecord {
  kind: 'writable' | 'view';
  parent?: ChainID;
  /** IDs of all snapshots below, the nearest first, so that mounting reads one file. */
  lowers: string[];
}

/** The ID that a name stands for; undefined when there is no such name. */
export function findID(paths: Paths, name: string): string | undefined {
  try {
    return readlinkSync(paths.name(name));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The ID of a name that must be there. */
export function requireID(paths: Paths, name: string): string {
  const id = findID(paths, name);
  if (id !== undefined) return id;
  throw new NotFoundError('SNAPSHOT_NOT_FOUND', `no such snapshot: ${name}`, {
    hint: 'pull the image again',
  });
}

/** Undefined when the process that was making the snapshot was killed before the record was written. */
export function readRecord(paths: Paths, id: string): SnapshotRecord | undefined {
  try {
    return JSON.parse(readFileSync(paths.record(id), 'utf8')) as SnapshotRecord;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

export function writeRecord(paths: Paths, id: string, record: SnapshotRecord): void {
  replace(paths.record(id), JSON.stringify(record));
}

/** The IDs below a child of `parent`, nearest first. */
export function lowersOf(paths: Paths, parent: ChainID | undefined): string[] {
  if (parent === undefined) return [];
  const id = requireID(paths, parent);
  return [id, ...(readRecord(paths, id)?.lowers ?? [])];
}
