import { readFileSync, readlinkSync } from 'node:fs';
import type { ChainID } from '../../../src/driver/index.ts';
import { GockerError, hasCode, NotFoundError } from '../../../src/errors.ts';
import { replace } from '../../replace.ts';
import { isChainID, type Paths } from './paths.ts';

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

/**
 * Undefined when the process that was making the snapshot was killed before the record was written. Throws
 * SNAPSHOT_DAMAGED when it cannot be read.
 */
export function readRecord(paths: Paths, id: string): SnapshotRecord | undefined {
  const text = readIfThere(paths.record(id));
  if (text === undefined) return undefined;
  const record = parse(text) as Partial<SnapshotRecord> | undefined;
  if (isRecord(record)) return record;
  throw damaged(`the record ${paths.record(id)} is damaged`);
}

/** The record and the ID of a name that must be there. Throws SNAPSHOT_NOT_FOUND, also of one that was never finished. */
export function requireRecord(paths: Paths, name: string): SnapshotRecord & { id: string } {
  const id = requireID(paths, name);
  const record = readRecord(paths, id);
  if (record === undefined)
    throw new NotFoundError('SNAPSHOT_NOT_FOUND', `snapshot ${name} was never finished`);
  return { ...record, id };
}

function damaged(message: string): GockerError {
  return new GockerError('SNAPSHOT_DAMAGED', message, {
    hint: 'mend images with: gocker image verify --repair; a container is to be made anew',
  });
}

function isRecord(record: Partial<SnapshotRecord> | undefined): record is SnapshotRecord {
  const { kind, parent, lowers } = record ?? {};
  if (kind !== 'writable' && kind !== 'view') return false;
  if (parent !== undefined && !isChainID(parent)) return false;
  return Array.isArray(lowers) && lowers.every((id) => typeof id === 'string' && /^[0-9a-z]{6}$/.test(id));
}

/** What the file says; undefined when it is not there. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Undefined for what is not JSON. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function writeRecord(paths: Paths, id: string, record: SnapshotRecord): void {
  replace(paths.record(id), JSON.stringify(record));
}

/** The IDs below a child of `parent`, nearest first. Throws SNAPSHOT_DAMAGED. */
export function lowersOf(paths: Paths, parent: ChainID | undefined): string[] {
  if (parent === undefined) return [];
  const id = requireID(paths, parent);
  const record = readRecord(paths, id);
  if (record === undefined) throw damaged(`the record ${paths.record(id)} is missing`);
  return [id, ...record.lowers];
}
