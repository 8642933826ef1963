import { createHash } from 'node:crypto';
import { closeSync, createWriteStream, openSync } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { StorageDriver } from '../../driver/index.ts';
import { GockerError, hasCode } from '../../errors.ts';
import { MADE_TYPE } from '../../image/deferred.ts';
import { type Digest, hexOf, parseDigest } from '../../image/digest.ts';
import type { ChainID } from '../../image/types.ts';
import { stackOf } from '../../layer/lower.ts';
import { packTree } from '../../layer/pack/pack.ts';
import { adoptBlob } from '../../store/blobs.ts';
import type { MadeLayer } from '../../store/deferred.ts';
import { type Store, storePaths } from '../../store/layout.ts';

export interface Making {
  store: Store;
  driver: StorageDriver;
  /** What the driver calls the layer. */
  snapshot: ChainID;
  /** Of a snapshot that is removed when this process dies. */
  key: string;
}

/**
 * Makes the archive of a snapshot's own files and stores it. Nothing is left when this throws: NO_SPACE, UNPACKABLE_NAME,
 * UNPACKABLE_LAYER, and what the driver throws.
 */
export async function makeLayer(making: Making): Promise<MadeLayer> {
  const { store, driver, snapshot, key } = making;
  const path = join(storePaths.ingest(store), `${hexOf(snapshot)}.${process.pid}.tmp`);
  try {
    const made = await archive(store, await filesOf(making), path);
    await adoptBlob(store, made.layer.digest, path);
    return made;
  } catch (error) {
    throw hasCode(error, 'ENOSPC', 'EDQUOT') ? noSpace(store, error) : error;
  } finally {
    await rm(path, { force: true });
    for (const view of [key, `${key}-below`]) await driver.remove(view);
  }
}

/** Where a layer's files are, and where those of all below it are when they are mixed with those. */
interface Files {
  own: string;
  below?: string;
}

async function filesOf({ driver, snapshot, key }: Making): Promise<Files> {
  const mounts = await driver.view(key, snapshot);
  const own = stackOf(mounts)?.[0];
  if (own === undefined) throw unknownMount(snapshot);
  const parent = (await driver.stat(snapshot))?.parent;
  if (mounts[0]?.type === 'overlay' || parent === undefined) return { own };
  const below = stackOf(await driver.view(`${key}-below`, parent))?.[0];
  if (below === undefined) throw unknownMount(snapshot);
  return { own, below };
}

async function archive({ syscalls }: Store, { own, below }: Files, path: string): Promise<MadeLayer> {
  const [directory, copied] = [own, below].map((files) => files && openSync(files, 'r')) as [number, number?];
  const [plain, packed] = [digester(), digester()];
  try {
    const pieces = packTree({
      ...{ syscalls, directory, withRoot: true },
      ...(copied === undefined ? { what: 'layer' } : { what: 'tree', below: copied }),
    });
    const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
    await pipeline(
      Readable.from(pieces, { objectMode: false, highWaterMark: 1024 * 1024 }),
      plain.through,
      createGzip(),
      packed.through,
      file,
    );
  } finally {
    for (const fd of [directory, copied]) if (fd !== undefined) closeSync(fd);
  }
  await sync(path);
  const layer = { mediaType: MADE_TYPE, digest: packed.digest(), size: (await stat(path)).size };
  return { diffID: plain.digest(), layer };
}

/** A stream that lets everything through and knows its digest at the end. */
function digester(): { through: Transform; digest(): Digest } {
  const hash = createHash('sha256');
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  return { through, digest: () => parseDigest(`sha256:${hash.digest('hex')}`) };
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function unknownMount(snapshot: ChainID): GockerError {
  return new GockerError(
    'CANNOT_PACK',
    `the storage driver does not tell which files are of layer ${snapshot} alone`,
    {
      hint: 'use a storage driver that mounts overlays',
    },
  );
}

function noSpace({ root }: Store, cause: unknown): GockerError {
  return new GockerError('NO_SPACE', `cannot make the archive of a layer: no space left on ${root}`, {
    hint: 'free some space (gocker rmi removes images) and try again; the image is as it was',
    cause,
  });
}
