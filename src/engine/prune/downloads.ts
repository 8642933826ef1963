import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createDiskMeter } from '../../layer/disk.ts';
import { noteGarbage } from '../../store/collect.ts';
import { NOTES_SUFFIX, PART_SUFFIX } from '../../store/ingest.ts';
import { type Store, storePaths } from '../../store/layout.ts';
import { tryLock } from '../../store/lock.ts';
import { UNFINISHED_SUFFIX } from '../../store/unfinished.ts';

export interface PrunedDownloads {
  /** Digests of blobs of which only a part had come. */
  deleted: string[];
  /** Bytes of the disk. */
  reclaimed: number;
  /** A pull is running, whose they may be. */
  postponed: boolean;
}

const LEFT = [PART_SUFFIX, NOTES_SUFFIX, UNFINISHED_SUFFIX];

/**
 * Throws away what pulls that did not finish have left for the next one: parts of blobs, and the notes that keep whole
 * layers of images that never became whole from being collected.
 */
export async function pruneDownloads(store: Store, dryRun: boolean): Promise<PrunedDownloads> {
  const lock = tryLock(store.syscalls, storePaths.lock(store, 'pull'));
  if (lock === undefined) return { deleted: [], reclaimed: 0, postponed: true };
  try {
    const names = (await readdir(storePaths.ingest(store))).filter((name) =>
      LEFT.some((end) => name.endsWith(end)),
    );
    const paths = names.map((name) => join(storePaths.ingest(store), name));
    const meter = createDiskMeter(store.syscalls);
    const reclaimed = paths.reduce((bytes, path) => bytes + meter.measure(path), 0);
    if (!dryRun) await removeAll(store, paths);
    const deleted = names.filter((name) => name.endsWith(PART_SUFFIX));
    return {
      deleted: deleted.map((name) => `sha256:${name.slice(0, -PART_SUFFIX.length)}`),
      reclaimed,
      postponed: false,
    };
  } finally {
    lock.release();
  }
}

/** The layers that the notes have kept go with the next collection. */
async function removeAll(store: Store, paths: readonly string[]): Promise<void> {
  if (paths.some((path) => path.endsWith(UNFINISHED_SUFFIX))) await noteGarbage(store);
  for (const path of paths) await rm(path, { force: true });
}
