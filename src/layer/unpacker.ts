import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LayerJob, LayerResult, OnProgress } from './job.ts';
import { type OpenSource, sendJob } from './send.ts';
import { createSpare } from './spare.ts';
import { createThreads } from './threads.ts';

export interface UnpackOptions {
  /**
   * Opens the packed bytes, from 0 or from where the job's ingest file ends; called when a worker is free. Not needed for
   * a job that names its own source.
   */
  open?: OpenSource;
  onProgress?: OnProgress;
  signal?: AbortSignal | undefined;
}

/** Unpacks layers in worker threads, several at once. */
export interface Unpacker {
  /** Rejects with the job's GockerError, with the source's error, or with the signal's reason. */
  unpack(job: LayerJob, options: UnpackOptions): Promise<LayerResult>;
  /** Stops the workers. Jobs must be over. */
  close(): Promise<void>;
}

export interface UnpackerOptions {
  /** How many layers at once. */
  workers?: number;
  /** The bundled worker. */
  file?: string;
}

/**
 * So many keep eight cores busy, where gzip is unpacked beside them; more would take more than 200 MiB of memory. They are
 * as many on fewer cores, since some of them wait for the network.
 */
const LAYERS_AT_ONCE = 4;

/** Unpacks in as many threads as there are cores, or layers at once. */
export function createUnpacker(options: UnpackerOptions = {}): Unpacker {
  const { workers = LAYERS_AT_ONCE, file = workerFile() } = options;
  const threads = createThreads(Math.min(workers, availableParallelism()), file);
  const spare = createSpare(availableParallelism());
  const waiting: (() => void)[] = [];
  let running = 0;

  async function takeTurn(): Promise<void> {
    if (running >= workers) await new Promise<void>((resolve) => waiting.push(resolve));
    running++;
  }

  function endTurn(): void {
    running--;
    waiting.shift()?.();
  }

  async function unpack(job: LayerJob, options: UnpackOptions): Promise<LayerResult> {
    options.signal?.throwIfAborted();
    // Before the source is opened: while that answers, the thread starts.
    const thread = threads.take(job);
    spare.update(threads.busy());
    let isSound = true;
    try {
      const source = job.source === undefined ? await sourceOf(job, options.open!) : undefined;
      isSound = false;
      const outcome = await sendJob(thread.worker, { job, source, spare: spare.memory, ...options });
      isSound = true;
      if (outcome instanceof Error) throw outcome;
      return outcome;
    } finally {
      threads.giveBack(thread, job, isSound);
      spare.update(threads.busy());
    }
  }

  return {
    async unpack(job, options) {
      await takeTurn();
      try {
        return await unpack(job, options);
      } finally {
        endTurn();
      }
    },
    close: () => threads.close(),
  };
}

/** Where nothing is there yet, the source is opened while the worker starts. */
async function sourceOf({ ingest }: LayerJob, open: OpenSource): Promise<AsyncIterable<Buffer> | OpenSource> {
  const kept = ingest === undefined ? 0 : statSync(ingest, { throwIfNoEntry: false })?.size;
  return kept ? open : open(0);
}

/** `dist/unpack-worker.cjs` of the package that this file belongs to, bundled or not. */
function workerFile(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'package.json'))) directory = dirname(directory);
  return join(directory, 'dist', 'unpack-worker.cjs');
}
