import { createHash } from 'node:crypto';
import { closeSync, fsync, openSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Syscalls } from '../../native/syscalls.ts';
import { DigestMismatchError } from '../errors.ts';
import { type Applier, createApplier } from './apply/applier.ts';
import { createDecompressor } from './decompress.ts';
import { InvalidLayerError } from './error.ts';
import { explain } from './failure.ts';
import type { LayerJob, LayerResult } from './job.ts';
import { createNoteTaker, STEP } from './partial.ts';
import { createSpaceGuard } from './space.ts';
import { TarReader } from './tar/reader.ts';

/** The pass of one layer: packed bytes in, in order. All errors are GockerErrors that name the layer and the entry. */
export interface LayerPass {
  /** Resolves when the next chunk may come; the chunk must not change before. */
  write(chunk: Buffer): Promise<void>;
  /** The same for bytes that the ingest file has already; they come before all others. */
  takeKept(chunk: Buffer): Promise<void>;
  /** After the last byte. Resolves only when size, digest and diffID are as promised and everything is on disk. */
  finish(): Promise<LayerResult>;
  /** Lets go of all files; to be called at the end, whatever the outcome. */
  close(): void;
}

/**
 * Reads one layer once: digest, copy to the ingest file, decompression, diffID, files. The ingest file has `kept` bytes,
 * checked, which come again. `isApart`: whether another core has nothing to do.
 */
export function createLayerPass(
  syscalls: Syscalls,
  job: LayerJob,
  { kept = 0, isApart = () => false }: { kept?: number; isApart?: () => boolean } = {},
): LayerPass {
  const packed = createHash('sha256');
  const plain = createHash('sha256');
  const ingest = job.ingest === undefined ? undefined : openSync(job.ingest, 'a', 0o600);
  const notes = createNoteTaker(job.notes, kept);
  const applier = job.target && createApplier({ syscalls, target: job.target, policy: job.policy });
  const reader = applier && new TarReader(applier);
  const expectSpace = applier && createSpaceGuard(syscalls, applier.root);
  let [taken, unpacked] = [0, 0];
  let invalid: InvalidLayerError | undefined;

  const decompressor = createDecompressor((chunk) => {
    plain.update(chunk);
    unpacked += chunk.length;
    expectSpace?.(chunk.length);
    reader?.write(chunk);
  }, isApart);

  /** Malformed bytes may just be damaged ones: which of both is only known once the digest is. */
  async function tolerantly(act: () => Promise<void>): Promise<void> {
    if (invalid !== undefined) return;
    try {
      await act();
    } catch (error) {
      if (!(error instanceof InvalidLayerError)) throw error;
      invalid = explain(error, job, applier) as InvalidLayerError;
      decompressor.destroy();
    }
  }

  /** In pieces that end where notes are made, wherever the chunks do. */
  function absorb(chunk: Buffer, keep: (part: Buffer) => void): void {
    for (let rest = chunk; rest.length > 0; ) {
      const part = rest.subarray(0, STEP - (taken % STEP));
      packed.update(part);
      taken += part.length;
      keep(part);
      rest = rest.subarray(part.length);
    }
  }

  async function take(chunk: Buffer, keep: (chunk: Buffer) => void): Promise<void> {
    const done = tolerantly(() => decompressor.write(chunk));
    try {
      absorb(chunk, keep);
    } finally {
      // A full disk may stop both; nothing may be under way when the files are closed.
      await done;
    }
  }

  function append(chunk: Buffer): void {
    if (ingest === undefined) return;
    writeAll(ingest, chunk);
    notes.wrote(taken, packed);
  }

  async function finish(): Promise<LayerResult> {
    checkPacked(job, taken, `sha256:${packed.digest('hex')}`);
    await tolerantly(() => decompressor.end());
    await tolerantly(async () => reader?.end());
    if (invalid !== undefined) throw invalid;
    checkDiffID(job, `sha256:${plain.digest('hex')}`);
    const questions = applier?.finish() ?? { implied: [], whiteouts: [] };
    // The thread may have other layers to go on with meanwhile.
    if (ingest !== undefined) await promisify(fsync)(ingest);
    return { questions, unpacked };
  }

  return {
    write: (chunk) => explaining(() => take(chunk, append), job, applier),
    takeKept: (chunk) => explaining(() => take(chunk, () => {}), job, applier),
    finish: () => explaining(finish, job, applier),
    close() {
      decompressor.destroy();
      applier?.dispose();
      if (ingest !== undefined) closeSync(ingest);
      notes.close();
    },
  };
}

async function explaining<R>(act: () => Promise<R>, job: LayerJob, applier: Applier | undefined): Promise<R> {
  try {
    return await act();
  } catch (error) {
    throw explain(error, job, applier);
  }
}

function writeAll(fd: number, chunk: Buffer): void {
  for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at);
}

function checkPacked({ layer }: LayerJob, size: number, digest: string): void {
  if (size !== layer.size)
    throw new DigestMismatchError(`layer ${layer.digest}`, `${layer.size} bytes`, `${size}`, DAMAGED);
  if (digest !== layer.digest)
    throw new DigestMismatchError(`layer ${layer.digest}`, layer.digest, digest, DAMAGED);
}

const DAMAGED = {
  hint: 'the bytes were damaged or changed on their way; pull again, or from another registry',
};

function checkDiffID({ diffID }: LayerJob, found: string): void {
  if (found === diffID) return;
  throw new InvalidLayerError(`it unpacks to ${found}, but the image config says ${diffID}`);
}
