import { createReadStream } from 'node:fs';
import type { Syscalls } from '../../native/syscalls.ts';
import type { LayerJob, LayerResult, OnProgress } from './job.ts';
import { mountPrivately } from './mount.ts';
import { checkPartial } from './partial.ts';
import { createLayerPass, type LayerPass } from './pass.ts';
import { CHUNK } from './streamed.ts';

export interface JobInput {
  job: LayerJob;
  /** The packed bytes; not used when the job names a file to read. */
  chunks: AsyncIterable<Buffer>;
  onProgress: OnProgress;
  /** Told how many bytes the ingest file has already, when these are through: the chunks go on from there. */
  onResumed?: OnProgress;
  /** Throws when the job is to be stopped. */
  check?: () => void;
  /** Whether there is a core without a layer; may change at any time. */
  hasSpare?: () => boolean;
}

/** Does a whole job in the calling thread. A job with mounts leaves the thread in another mount namespace. */
export async function runJob(syscalls: Syscalls, input: JobInput): Promise<LayerResult> {
  const { job, chunks, onProgress } = input;
  if (job.mounts !== undefined) mountPrivately(syscalls, job.mounts, job.target!.directory);
  const kept = job.ingest === undefined ? 0 : await checkPartial({ ...job, path: job.ingest }, job.layer);
  const isApart = () => job.isLarge === true || input.hasSpare?.() === true;
  const pass = createLayerPass(syscalls, job, { kept, isApart });
  let taken = 0;
  const feed = async (bytes: AsyncIterable<Buffer>, take: LayerPass['write']) => {
    for await (const chunk of bytes) {
      input.check?.();
      await take(chunk);
      taken += chunk.length;
      onProgress(taken);
    }
  };
  try {
    if (kept > 0) await feed(fileOf(job.ingest!, kept), pass.takeKept);
    input.onResumed?.(kept);
    await feed(job.source === undefined ? chunks : fileOf(job.source), pass.write);
    return await pass.finish();
  } finally {
    pass.close();
  }
}

function fileOf(path: string, bytes = Number.POSITIVE_INFINITY): AsyncIterable<Buffer> {
  return createReadStream(path, { highWaterMark: CHUNK, end: bytes - 1 });
}
