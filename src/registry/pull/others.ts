import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { DigestMismatchError } from '../../errors.ts';
import { isConfigType } from '../../image/media-type.ts';
import { namesOthers, partsOf } from '../../image/parts.ts';
import type { Descriptor, Digest } from '../../image/types.ts';
import { adoptBlob, hasBlob, putBlob } from '../../store/blobs.ts';
import { MAX_DEPTH, type StoredDocument, tooDeep } from '../../store/closure.ts';
import { type Ingest, lockIngest } from '../../store/ingest.ts';
import { inParallel } from '../parallel.ts';
import type { BlobStream } from '../types.ts';
import { type Documents, manifestBytes } from './documents.ts';
import type { LayerPhase, LayerPull, PullOptions, Sources } from './types.ts';

/** What an index leads to besides one image. */
export interface Others {
  /** Manifests and indexes, each after all that it names; without the top itself. */
  documents: StoredDocument[];
  /** Configs, layers, attestations. */
  blobs: Descriptor[];
}

/** Blobs under way at once. */
const DOWNLOADS = 4;

/** Fetches every manifest that an index leads to; what belongs to the image itself is left out. */
export async function fetchOthers(pull: PullOptions, sources: Sources, found: Documents): Promise<Others> {
  const others: Others = { documents: [], blobs: [] };
  const own = [found.top, found.manifest, ...found.layers].map(({ digest }) => digest);
  const seen = new Set<Digest>([...own, found.configDigest]);
  const visit = async (bytes: Buffer, depth: number) => {
    for (const part of partsOf(bytes).filter(({ digest }) => !seen.has(digest))) {
      seen.add(part.digest);
      if (!namesOthers(part.mediaType)) others.blobs.push(part);
      else {
        if (depth >= MAX_DEPTH) throw tooDeep(part);
        const document = await manifestBytes(pull, part, sources);
        await visit(document, depth + 1);
        others.documents.push({ descriptor: part, bytes: document });
      }
    }
  };
  await visit(found.bytes.at(-1)!, 0);
  return others;
}

/** Brings the blobs and then the documents into the store as they are; nothing is unpacked. */
export async function keepOthers(pull: LayerPull, { documents, blobs }: Others): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([pull.signal, stop.signal]);
  await inParallel(blobs, { limit: DOWNLOADS, stop }, (blob) => keepBlob({ ...pull, signal }, blob));
  for (const { bytes } of documents) await putBlob(pull.store, bytes);
}

/** What it takes to bring a single blob. */
export type BlobPull = Pick<
  LayerPull,
  'client' | 'store' | 'reference' | 'sources' | 'signal' | 'onProgress'
>;

/** Brings a blob of whatever kind into the store, unless it is there. Throws what the registry says. */
export async function keepBlob(pull: BlobPull, blob: Descriptor): Promise<void> {
  const { store, signal } = pull;
  const ingest = await lockIngest(store, blob.digest, signal);
  try {
    if (hasBlob(store, blob.digest)) return report(pull, blob, 'exists');
    ingest.discard();
    await download(pull, blob, ingest);
    await adoptBlob(store, blob.digest, ingest.path);
    report(pull, blob, 'done');
  } finally {
    ingest.release();
  }
}

/** From the first endpoint that has the right bytes. */
async function download(pull: BlobPull, blob: Descriptor, { path, discard }: Ingest): Promise<void> {
  const avoid = new Set<string>();
  for (let mismatch: DigestMismatchError | undefined; ; ) {
    const found = await pull.client
      .fetchBlob(pull.reference, blob, { avoid, signal: pull.signal })
      .catch((error: unknown) => {
        throw mismatch ?? error;
      });
    if (avoid.has(found.source)) throw mismatch;
    try {
      const digest = await writeBlob(pull, blob, { found, path });
      if (digest === blob.digest) {
        const { source } = found;
        pull.sources.set(blob.digest, found.sources?.() ?? [{ source, bytes: blob.size }]);
        return;
      }
      mismatch = new DigestMismatchError(`blob ${blob.digest}`, blob.digest, digest, {
        hint: 'the bytes were damaged or changed on their way; pull again, or from another registry',
      });
      avoid.add(found.source);
    } catch (error) {
      discard();
      throw error;
    }
  }
}

/** Writes what comes, and tells which digest it has. */
async function writeBlob(
  pull: BlobPull,
  blob: Descriptor,
  { found, path }: { found: BlobStream; path: string },
): Promise<string> {
  const file = await open(path, 'w', 0o600);
  const hash = createHash('sha256');
  let position = 0;
  try {
    for await (const chunk of found.stream) {
      hash.update(chunk);
      await file.writeFile(chunk);
      position += chunk.length;
      report(pull, blob, 'downloading', position);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return `sha256:${hash.digest('hex')}`;
}

function report(
  pull: BlobPull,
  { digest, size, mediaType }: Descriptor,
  phase: LayerPhase,
  current = size,
): void {
  if (!isConfigType(mediaType)) pull.onProgress?.({ digest, phase, current, total: size });
}
