import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { LayerJob, LayerResult, OnProgress } from './job.ts';
import { type OpenSource, sendJob } from './send.ts';

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
  /** How many layers at once; as many as the machine has cores, at least 3, since some of them wait for the network. */
  workers?: number;
  /** The bundled worker. */
  file?: string;
}

/** A pool of unpacking workers, started as they are needed. */
export function createUnpacker({ workers = atOnce(), file = workerFile() }: UnpackerOptions = {}): Unpacker {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const waiting: (() => void)[] = [];
  let running = 0;

  async function acquire(): Promise<Worker> {
    if (running >= workers) await new Promise<void>((resolve) => waiting.push(resolve));
    running++;
    return idle.pop() ?? start();
  }

  function start(): Worker {
    const worker = new Worker(file, { execArgv: [] });
    all.add(worker);
    return worker;
  }

  function release(worker: Worker, reusable: boolean): void {
    running--;
    if (reusable) idle.push(worker);
    else void discard(worker);
    waiting.shift()?.();
  }

  async function discard(worker: Worker): Promise<void> {
    all.delete(worker);
    await worker.terminate();
  }

  return {
    async unpack(job, options) {
      const worker = await acquire();
      let reusable = false;
      try {
        options.signal?.throwIfAborted();
        const source = job.source === undefined ? await sourceOf(job, options.open!) : undefined;
        const outcome = await sendJob(worker, { job, source, ...options });
        reusable = job.mounts === undefined;
        if (outcome instanceof Error) throw outcome;
        return outcome;
      } finally {
        release(worker, reusable);
      }
    },
    async close() {
      await Promise.all([...all].map(discard));
    },
  };
}

/** Where nothing is there yet, the source is opened while the worker starts. */
async function sourceOf({ ingest }: LayerJob, open: OpenSource): Promise<AsyncIterable<Buffer> | OpenSource> {
  const kept = ingest === undefined ? 0 : statSync(ingest, { throwIfNoEntry: false })?.size;
  return kept ? open : open(0);
}

function atOnce(): number {
  return Math.max(3, availableParallelism());
}

/** `dist/unpack-worker.cjs` of the package that this file belongs to, bundled or not. */
function workerFile(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'package.json'))) directory = dirname(directory);
  return join(directory, 'dist', 'unpack-worker.cjs');
}
