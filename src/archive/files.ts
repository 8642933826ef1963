import { createHash } from 'node:crypto';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, parseDigest } from '../image/digest.ts';
import { adoptBlob } from '../store/blobs.ts';
import { type Store, storePaths } from '../store/layout.ts';

/** A file of an archive, staged in the store's ingest folder. */
export interface StagedFile {
  /** Where it is; another one once the store has adopted it. */
  path: string;
  digest: Digest;
  /** Bytes. */
  size: number;
}

/** The files of an archive or folder by their names, none of which is believed yet. */
export interface ArchiveFiles {
  /** Undefined when there is none of that name. */
  stage(name: string): Promise<StagedFile | undefined>;
  /** Removes what the store has not adopted; always to be called. */
  close(): void;
}

/** Places for files that are not in the store yet. What a killed process leaves in them the next command removes. */
export interface Staging {
  /** A new empty file. */
  begin(): StagingFile;
  /** Removes all that was begun and not adopted. */
  clear(): void;
}

export interface StagingFile {
  write(bytes: Buffer): void;
  end(): StagedFile;
}

/** `id`: of the load, in hex. A load is marked as a pull, so that its `.tmp` files are not taken for a dead one's. */
export function createStaging(store: Store, id: string): Staging {
  const paths: string[] = [];
  let current: number | undefined;
  return {
    begin() {
      const path = join(storePaths.ingest(store), `${id}.${paths.length}.tmp`);
      const fd = openSync(path, 'wx', 0o600);
      paths.push(path);
      current = fd;
      const hash = createHash('sha256');
      let size = 0;
      return {
        write(bytes) {
          hash.update(bytes);
          for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
          size += bytes.length;
        },
        end() {
          current = undefined;
          closeSync(fd);
          return { path, digest: parseDigest(`sha256:${hash.digest('hex')}`), size };
        },
      };
    },
    clear() {
      if (current !== undefined) closeSync(current);
      for (const path of paths) rmSync(path, { force: true });
    },
  };
}

/** Gives a staged file its name in the store; a damaged blob of that name makes way. */
export async function adoptFile(store: Store, staged: StagedFile): Promise<void> {
  const place = storePaths.blob(store, staged.digest);
  if (staged.path === place) return;
  const file = await open(staged.path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await adoptBlob(store, staged.digest, staged.path);
  staged.path = place;
}
