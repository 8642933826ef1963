import type { Worker } from 'node:worker_threads';
import type { LayerJob, LayerResult, OnProgress } from './job.ts';
import { decodeError, type FromWorker, type ToWorker } from './messages.ts';
import { type Pump, pump } from './pump.ts';
import { createRing, PIECES } from './ring.ts';

/** Opens a layer's packed bytes, from the given one on. */
export type OpenSource = (offset: number) => Promise<AsyncIterable<Buffer>>;

interface Sending {
  job: LayerJob;
  /** For `hasSpare` in the worker. */
  spare: SharedArrayBuffer;
  /** Undefined when the worker reads a file; a function when only the worker knows how much is there already. */
  source: AsyncIterable<Buffer> | OpenSource | undefined;
  onProgress?: OnProgress;
  signal?: AbortSignal | undefined;
}

let lastId = 0;

/**
 * Has a worker do a job, beside others that it has. Resolves when the worker is through with it: to the result, or to the
 * error. Rejects only when the worker itself broke.
 */
export async function sendJob(worker: Worker, sending: Sending): Promise<LayerResult | Error> {
  const id = ++lastId;
  const post = (message: ToWorker) => worker.postMessage(message);
  const ring = createRing();
  const answer = listen(worker, id, sending.onProgress);
  const stop = () => post({ type: 'abort', id });
  sending.signal?.addEventListener('abort', stop, { once: true });
  post({ type: 'start', id, job: sending.job, ring, spare: sending.spare });
  try {
    const { source } = sending;
    const bytes = typeof source === 'function' ? later(source, answer.resumed) : source;
    const sent = bytes === undefined ? undefined : await pump(bytes, { id, ring, post, answer });
    const outcome = await answer.outcome;
    if (sending.signal?.aborted) return abortError(sending.signal);
    return sent ?? outcome;
  } finally {
    sending.signal?.removeEventListener('abort', stop);
    answer.dispose();
  }
}

function abortError(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason));
}

async function* later(open: OpenSource, resumed: Promise<number>): AsyncGenerator<Buffer> {
  yield* await open(await resumed);
}

interface Answer {
  outcome: Promise<LayerResult | Error>;
  /** Resolves to the bytes that are there already; never when the worker fails before. */
  resumed: Promise<number>;
  isOver: Pump['answer']['isOver'];
  credit: Pump['answer']['credit'];
  dispose(): void;
}

function listen(worker: Worker, id: number, onProgress: OnProgress | undefined): Answer {
  let credits = PIECES;
  let over = false;
  let wake: (() => void) | undefined;
  let isResumed = false;
  let resume!: (offset: number) => void;
  const resumed = new Promise<number>((resolve) => {
    resume = resolve;
  });
  let onMessage!: (message: FromWorker) => void;
  let onError!: (error: Error) => void;
  const outcome = new Promise<LayerResult | Error>((resolve, reject) => {
    const settle = (act: () => void) => {
      over = true;
      wake?.();
      act();
    };
    onMessage = (message) => {
      if (message.id !== id) return;
      if (message.type === 'done') return settle(() => resolve(message.result));
      if (message.type === 'failed') return settle(() => resolve(decodeError(message.error)));
      if (message.type === 'resumed') {
        isResumed = true;
        return resume(message.offset);
      }
      if (isResumed) credits++;
      wake?.();
      onProgress?.(message.taken);
    };
    onError = (error) => settle(() => reject(error));
  });
  outcome.catch(() => {});
  worker.on('message', onMessage).on('error', onError);
  return {
    outcome,
    resumed,
    isOver: () => over,
    async credit() {
      while (credits === 0 && !over) await new Promise<void>((resolve) => (wake = resolve));
      credits--;
    },
    dispose: () => void worker.off('message', onMessage).off('error', onError),
  };
}
