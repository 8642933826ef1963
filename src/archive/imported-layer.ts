import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync } from 'node:fs';
import { O } from '../../native/constants.ts';
import { type Digest, parseDigest } from '../image/digest.ts';
import { MEDIA_TYPE } from '../image/media-type.ts';
import { createDecompressor, packingOf } from '../layer/decompress.ts';
import { packTree } from '../layer/pack/pack.ts';
import { createSpaceGuard } from '../layer/space.ts';
import type { Store } from '../store/layout.ts';
import { drain } from './drain.ts';
import { invalidArchive } from './error.ts';
import type { StagedFile, Staging } from './files.ts';
import { type ArchiveInput, statInput } from './open.ts';

/** An archive on its way to being a layer. */
export interface ImportedLayer {
  file: StagedFile;
  diffID: Digest;
  mediaType: string;
}

/**
 * Stages an archive as it comes, or the archive of a folder, and learns its diffID. Throws INVALID_ARCHIVE for an empty
 * one, INVALID_LAYER for one that is packed as no layer may be, NO_SPACE, and what the input throws.
 */
export async function stageLayer(
  store: Store,
  staging: Staging,
  input: ArchiveInput,
): Promise<ImportedLayer> {
  const root = openSync(store.root, 'r');
  try {
    const expectSpace = createSpaceGuard(store.syscalls, root);
    if (typeof input !== 'string') return await stageBytes(staging, input, expectSpace);
    if (!statInput(input).isDirectory())
      return await stageBytes(staging, createReadStream(input), expectSpace);
    return await stageFolder(store, input, (bytes) => stageBytes(staging, bytes, expectSpace));
  } finally {
    closeSync(root);
  }
}

async function stageFolder<R>(
  { syscalls }: Store,
  path: string,
  stage: (bytes: Iterable<Buffer>) => Promise<R>,
): Promise<R> {
  const directory = openSync(path, O.RDONLY | O.DIRECTORY | O.CLOEXEC);
  try {
    return await stage(packTree({ syscalls, directory, what: 'tree', withRoot: true }));
  } finally {
    closeSync(directory);
  }
}

async function stageBytes(
  staging: Staging,
  input: NodeJS.ReadableStream | Iterable<Buffer>,
  expectSpace: (bytes: number) => void,
): Promise<ImportedLayer> {
  const file = staging.begin();
  const plain = createHash('sha256');
  const decompressor = createDecompressor((bytes) => void plain.update(bytes));
  let head = Buffer.alloc(0);
  try {
    await drain(input, {
      async take(piece) {
        if (head.length < HEAD) head = Buffer.concat([head, piece.subarray(0, HEAD)]);
        expectSpace(piece.length);
        file.write(piece);
        await decompressor.write(piece);
      },
    });
    if (head.length === 0) throw invalidArchive('it is empty', 'an empty image is made of an empty archive');
    await decompressor.end();
  } finally {
    decompressor.destroy();
  }
  const diffID = parseDigest(`sha256:${plain.digest('hex')}`);
  const packing = packingOf(head);
  const mediaType = packing === 'none' ? MEDIA_TYPE.ociLayer : `${MEDIA_TYPE.ociLayer}+${packing}`;
  return { file: file.end(), diffID, mediaType };
}

/** Bytes that tell how the rest is packed. */
const HEAD = 8;
