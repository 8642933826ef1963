import { createReadStream } from 'node:fs';
import type { Syscalls } from '../../native/syscalls.ts';
import type { LayerJob, LayerResult, OnProgress } from './job.ts';
import { mountPrivately } from './mount.ts';
import { createLayerPass } from './pass.ts';
import { CHUNK } from './streamed.ts';

export interface JobInput {
  job: LayerJob;
  /** The packed bytes; not used when the job names a file to read. */
  chunks: AsyncIterable<Buffer>;
  onProgress: OnProgress;
}

/** Does a whole job in the calling thread. A job with mounts leaves the thread in another mount namespace. */
export async function runJob(
  syscalls: Syscalls,
  { job, chunks, onProgress }: JobInput,
): Promise<LayerResult> {
  if (job.mounts !== undefined) mountPrivately(syscalls, job.mounts, job.target!.directory);
  const input: AsyncIterable<Buffer> =
    job.source === undefined ? chunks : createReadStream(job.source, { highWaterMark: CHUNK });
  const pass = createLayerPass(syscalls, job);
  let taken = 0;
  try {
    for await (const chunk of input) {
      await pass.write(chunk);
      taken += chunk.length;
      onProgress(taken);
    }
    return await pass.finish();
  } finally {
    pass.close();
  }
}
