import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DriverHost } from '../../../src/driver/index.ts';
import { removeTree } from '../../../src/driver/tree.ts';
import { ConflictError, hasCode } from '../../../src/errors.ts';
import { locked } from '../../lock.ts';
import { isChainID, makeFolders, type Paths } from './paths.ts';
import { findID, readRecord } from './record.ts';

const AT_FDCWD = -100;

/**
 * Takes the name away, then the files: what is half removed is never seen. Nothing when there is no such name. Throws
 * ConflictError while another snapshot stands on it.
 */
export async function removeSnapshot(host: DriverHost, paths: Paths, name: string): Promise<void> {
  makeFolders(paths);
  await locked(host, paths.lock, { mode: 'exclusive', work: () => retire(paths, name) });
  await locked(host, paths.removalLock, { mode: 'exclusive', work: () => finishRemovals(host, paths) });
}

function retire(paths: Paths, name: string): void {
  const id = findID(paths, name);
  if (id === undefined) return;
  const child = isChainID(name) ? childOf(paths, id) : undefined;
  if (child !== undefined) {
    throw new ConflictError('SNAPSHOT_IN_USE', `snapshot ${name} is below ${child}`, {
      hint: 'remove the images and containers that stand on it first',
    });
  }
  renameSync(paths.name(name), join(paths.removing, id));
}

function childOf(paths: Paths, id: string): string | undefined {
  return readdirSync(paths.names).find((name) => {
    const other = findID(paths, name);
    return other !== undefined && other !== id && standsOn(paths, other, id);
  });
}

/** One whose record is damaged may stand on anything. */
function standsOn(paths: Paths, other: string, id: string): boolean {
  try {
    return readRecord(paths, other)?.lowers.includes(id) ?? false;
  } catch (error) {
    if (hasCode(error, 'SNAPSHOT_DAMAGED')) return true;
    throw error;
  }
}

/** Deletes the files of removed snapshots, and those that a killed process did not get to. */
function finishRemovals(host: DriverHost, paths: Paths): void {
  for (const id of readdirSync(paths.removing)) {
    removeTree(host.syscalls, AT_FDCWD, join(paths.root, id));
    rmSync(join(paths.removing, id), { force: true });
  }
}
