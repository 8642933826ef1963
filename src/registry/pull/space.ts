import { closeSync, openSync, statSync } from 'node:fs';
import { GockerError } from '../../errors.ts';
import type { Descriptor, Digest } from '../../image/types.ts';
import { mebibytes, type Space, spaceOf } from '../../layer/space.ts';
import { hasBlob } from '../../store/blobs.ts';
import { ingestPath } from '../../store/ingest.ts';
import type { Store } from '../../store/layout.ts';
import type { LayerPull } from './types.ts';

/**
 * Throws NO_SPACE when what is to be downloaded cannot fit: the layers as they come, and at least as much again
 * unpacked; of others, only as they come. That it passes is no promise.
 */
export async function checkSpace(pull: LayerPull, others: Descriptor[] = []): Promise<void> {
  const further = others.filter(({ digest }) => !hasBlob(pull.store, digest));
  const needed = further.reduce((sum, { size }) => sum + size, await missingBytes(pull));
  if (needed === 0) return;
  const fd = openSync(pull.store.root, 'r');
  try {
    const space = spaceOf(pull.syscalls, fd);
    if (needed > space.usable) throw tooLittle(pull.store.root, needed, space);
  } finally {
    closeSync(fd);
  }
}

async function missingBytes({ store, driver, layers, chainIDs }: LayerPull): Promise<number> {
  const sizes = layers.map(async ({ digest, size }, at) => {
    const unpacked = (await driver.stat(chainIDs[at]!)) === undefined ? size : 0;
    return (hasBlob(store, digest) ? 0 : Math.max(0, size - begunBytes(store, digest))) + unpacked;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** What has come of a blob before. */
function begunBytes(store: Store, digest: Digest): number {
  return statSync(ingestPath(store, digest), { throwIfNoEntry: false })?.size ?? 0;
}

function tooLittle(root: string, needed: number, { usable, free }: Space): GockerError {
  const missing = mebibytes(needed - usable);
  return new GockerError(
    'NO_SPACE',
    `its layers need at least ${mebibytes(needed)}, ${root} has ${mebibytes(free)} free, ${mebibytes(free - usable)} of which stay so`,
    { hint: `free at least ${missing} (gocker rmi removes images) or keep images elsewhere with --root` },
  );
}
