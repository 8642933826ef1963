/**
 * What pulls that did not finish have brought so far belongs to no name yet. It is kept for whoever pulls the image
 * again, and goes when nobody does for a while.
 */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { GockerError, hasCode } from '../errors.ts';
import { digestSchema } from '../image/descriptor.ts';
import { hexOf } from '../image/digest.ts';
import { check, parseJSON } from '../image/json.ts';
import type { Image } from '../image/types.ts';
import { writeFileAtomic } from './atomic.ts';
import { type Store, storePaths } from './layout.ts';
import { pinnedSnapshots } from './pins.ts';

/** What an image needs; some of it is there. */
const unfinishedSchema = v.object({ blobs: v.array(digestSchema), snapshots: v.array(v.string()) });
export type Unfinished = v.InferOutput<typeof unfinishedSchema>;

export const UNFINISHED_SUFFIX = '.unfinished';
/** Milliseconds for which parts of blobs, and blobs and layers of images that never became whole, wait to be taken up. */
export const KEPT_MS = 7 * 24 * 60 * 60 * 1000;

/** True when nobody has changed the file for so long that nobody will. */
export function isAbandoned(path: string): boolean {
  const mtime = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
  return Date.now() - mtime > KEPT_MS;
}

/** Keeps the image's blobs and snapshots from being collected before its name is there. */
export async function keepUnfinished(store: Store, image: Image): Promise<void> {
  const blobs = [image.manifest.digest, image.id, ...image.layers.map(({ digest }) => digest)];
  const unfinished: Unfinished = { blobs, snapshots: image.chainIDs };
  // A crash may lose it: then what has come may be collected.
  await writeFileAtomic(pathOf(store, image), JSON.stringify(unfinished), { durable: false });
}

/** To be called when a name leads to the image. */
export function forgetUnfinished(store: Store, image: Image): void {
  rmSync(pathOf(store, image), { force: true });
}

/** What must not be collected although no name leads to it. */
export function readUnfinished(store: Store): Unfinished[] {
  const folder = storePaths.ingest(store);
  const names = readdirSync(folder).filter((name) => name.endsWith(UNFINISHED_SUFFIX));
  const pinned = { blobs: [], snapshots: pinnedSnapshots(store) };
  return [...names.flatMap((name) => readOne(join(folder, name)) ?? []), pinned];
}

/** Undefined for one that is damaged, or gone meanwhile. */
function readOne(path: string): Unfinished | undefined {
  try {
    return check(unfinishedSchema, parseJSON(readFileSync(path), path), { code: 'INVALID_JSON', what: path });
  } catch (error) {
    if (error instanceof GockerError || hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function pathOf(store: Store, { manifest }: Image): string {
  return join(storePaths.ingest(store), `${hexOf(manifest.digest)}${UNFINISHED_SUFFIX}`);
}
