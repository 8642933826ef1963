import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, hexOf } from '../image/digest.ts';
import { type Store, storePaths } from './layout.ts';
import { acquireLock, type Lock } from './lock.ts';

/** A pull under way, known to every process by a lock that ends with this one. */
export interface PullMark {
  /** Snapshots that are being unpacked have keys that begin with this. */
  keyPrefix: string;
  /** To be called when no such snapshot is left. */
  done(): void;
}

/** What a pull's keys begin with; the rest says whose they are. */
const KEY = 'unpack-';
export const PULL_SUFFIX = '.pull';
export const LOCK_SUFFIX = '.lock';
export const PART_SUFFIX = '.part';

/** Makes a pull known. While it is there, nothing is collected, and its snapshots are not taken for a dead pull's. */
export async function markPull(store: Store, signal?: AbortSignal): Promise<PullMark> {
  const id = randomBytes(6).toString('hex');
  const shared = await acquireLock(store.syscalls, storePaths.lock(store, 'pull'), { shared: true, signal });
  const mark = await acquireLock(store.syscalls, join(storePaths.ingest(store), `${id}${PULL_SUFFIX}`));
  return {
    keyPrefix: keyPrefix(id),
    done() {
      mark.remove();
      shared.release();
    },
  };
}

export function keyPrefix(id: string): string {
  return `${KEY}${id}-`;
}

/** The right to download a blob: whoever waits for it finds the blob there when it gets it. */
export async function lockIngest(
  store: Store,
  digest: Digest,
  signal?: AbortSignal,
): Promise<{ path: string; release(): Promise<void> }> {
  const base = join(storePaths.ingest(store), hexOf(digest));
  const lock: Lock = await acquireLock(store.syscalls, `${base}${LOCK_SUFFIX}`, { signal });
  const path = `${base}${PART_SUFFIX}`;
  return {
    path,
    async release() {
      await rm(path, { force: true });
      lock.remove();
    },
  };
}
