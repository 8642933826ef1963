import { randomBytes } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, hexOf } from '../image/digest.ts';
import { type Store, storePaths } from './layout.ts';
import { acquireLock, type Lock, tryLock } from './lock.ts';

/** A pull under way, known to every process by a lock that ends with this one. */
export interface PullMark {
  /** Snapshots that are being unpacked have keys that begin with this. */
  keyPrefix: string;
  /** Says that such a snapshot could not be removed: whoever opens the store after `done` tries again. */
  leave(): void;
  /** To be called when no other such snapshot is left. */
  done(): void;
}

/** What a pull's keys begin with; the rest says whose they are. */
const KEY = 'unpack-';
export const PULL_SUFFIX = '.pull';
export const LOCK_SUFFIX = '.lock';
export const PART_SUFFIX = '.part';
export const NOTES_SUFFIX = '.notes';

/** Makes a pull known. While it is there, nothing is collected, and its snapshots are not taken for a dead pull's. */
export async function markPull(store: Store, signal?: AbortSignal): Promise<PullMark> {
  const id = randomBytes(6).toString('hex');
  const shared = await acquireLock(store.syscalls, storePaths.lock(store, 'pull'), { shared: true, signal });
  const mark = await acquireLock(store.syscalls, join(storePaths.ingest(store), `${id}${PULL_SUFFIX}`)).catch(
    (error: unknown) => {
      shared.release();
      throw error;
    },
  );
  let isLeft = false;
  return {
    keyPrefix: keyPrefix(id),
    leave() {
      isLeft = true;
    },
    done() {
      if (isLeft) mark.release();
      else mark.remove();
      shared.release();
    },
  };
}

export function keyPrefix(id: string): string {
  return `${KEY}${id}-`;
}

/** The right to download a blob. */
export interface Ingest {
  /** The file that takes the bytes; it may have some of an earlier process, which are to be checked. */
  path: string;
  /** The file of notes to check them by. */
  notes: string;
  /** Throws away what has come. */
  discard(): void;
  /** Lets go; what has come stays for whoever goes on. */
  release(): void;
}

/** Waits for the right to download a blob: whoever had it before has left the blob, or a part of it. */
export async function lockIngest(store: Store, digest: Digest, signal?: AbortSignal): Promise<Ingest> {
  const base = ingestBase(store, digest);
  return ingestOf(base, await acquireLock(store.syscalls, `${base}${LOCK_SUFFIX}`, { signal }));
}

/** The same without waiting; undefined when somebody has it. */
export function tryIngest(store: Store, digest: Digest): Ingest | undefined {
  const base = ingestBase(store, digest);
  const lock = tryLock(store.syscalls, `${base}${LOCK_SUFFIX}`);
  return lock && ingestOf(base, lock);
}

/** Where what has come of a blob is. */
export function ingestPath(store: Store, digest: Digest): string {
  return `${ingestBase(store, digest)}${PART_SUFFIX}`;
}

function ingestBase(store: Store, digest: string): string {
  return join(storePaths.ingest(store), hexOf(digest));
}

function ingestOf(base: string, lock: Lock): Ingest {
  const path = `${base}${PART_SUFFIX}`;
  const notes = `${base}${NOTES_SUFFIX}`;
  const discard = () => {
    for (const file of [notes, path]) rmSync(file, { force: true });
  };
  return {
    path,
    notes,
    discard,
    release() {
      if (!statSync(path, { throwIfNoEntry: false })?.size) discard();
      lock.remove();
    },
  };
}

/**
 * Waits for the right to make a layer's snapshot; to be held until it is committed. It is taken before the right to
 * download the layer's blob, never after: so nobody waits in a circle, since a snapshot waits only for those below it.
 */
export function lockSnapshot(store: Store, chainID: string, signal: AbortSignal): Promise<Lock> {
  const path = `${ingestBase(store, chainID)}.snapshot${LOCK_SUFFIX}`;
  return acquireLock(store.syscalls, path, { signal });
}
