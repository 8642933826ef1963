import { createHash } from 'node:crypto';
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { DigestMismatchError, hasCode, NotFoundError } from '../errors.ts';
import { type Digest, isDigest, parseDigest } from '../image/digest.ts';
import { MAX_JSON_BYTES } from '../image/json.ts';
import { syncDirectory, writeFileAtomic } from './atomic.ts';
import { type Store, storePaths } from './layout.ts';

/** True when the whole blob is there: nothing else ever gets the name. */
export function hasBlob(store: Store, digest: Digest): boolean {
  return existsSync(storePaths.blob(store, digest));
}

/** Bytes of a blob on disk; undefined when it is not there. */
export async function blobSize(store: Store, digest: Digest): Promise<number | undefined> {
  try {
    return (await stat(storePaths.blob(store, digest))).size;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * The bytes of a JSON blob (manifest, index, config), digest verified. Throws BLOB_NOT_FOUND, DIGEST_MISMATCH.
 * At most 4 MiB are read; more cannot have the digest of a document that was accepted.
 */
export function readBlob(store: Store, digest: Digest): Buffer {
  const bytes = readAtMost(storePaths.blob(store, digest), MAX_JSON_BYTES + 1, digest);
  const found = digestOf(bytes);
  if (found === digest) return bytes;
  throw new DigestMismatchError(`blob ${digest} in ${store.root}`, digest, found, {
    hint: 'the file was changed or damaged; pull the image again',
  });
}

/** Synchronous: a list of images reads a thousand small files, and a promise for each costs more than the reading. */
function readAtMost(path: string, limit: number, digest: Digest): Buffer {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    throw new NotFoundError('BLOB_NOT_FOUND', `blob ${digest} is not in the store`, {
      hint: 'pull the image again',
    });
  }
  try {
    const buffer = Buffer.alloc(Math.min(fstatSync(fd).size, limit));
    return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, 0));
  } finally {
    closeSync(fd);
  }
}

/** Stores a document under its digest, which is computed here; there already is success. */
export async function putBlob(store: Store, bytes: Buffer): Promise<Digest> {
  const digest = digestOf(bytes);
  if (!hasBlob(store, digest)) {
    await writeFileAtomic(storePaths.blob(store, digest), bytes, { folder: storePaths.ingest(store) });
  }
  return digest;
}

/** Gives a verified and synced file of the same file system the name of its digest. */
export async function adoptBlob(store: Store, digest: Digest, path: string): Promise<void> {
  await rename(path, storePaths.blob(store, digest));
  await syncDirectory(storePaths.blobs(store));
}

export async function removeBlob(store: Store, digest: Digest): Promise<void> {
  await rm(storePaths.blob(store, digest), { force: true });
}

/** The digests of all blobs, in no order. */
export async function listBlobs(store: Store): Promise<Digest[]> {
  const names = await readdir(storePaths.blobs(store));
  return names.map((name) => `sha256:${name}`).filter(isDigest);
}

/** What bytes are named by. */
export function digestOf(bytes: Buffer): Digest {
  return parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
}
