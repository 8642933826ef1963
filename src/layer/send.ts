import type { Worker } from 'node:worker_threads';
import type { LayerJob, LayerResult, OnProgress } from './job.ts';
import { decodeError, type FromWorker, type ToWorker } from './messages.ts';
import { type Pump, pump } from './pump.ts';
import { createRing, PIECES } from './ring.ts';

interface Sending {
  job: LayerJob;
  /** Undefined when the worker reads a file. */
  source: AsyncIterable<Buffer> | undefined;
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
  post({ type: 'start', id, job: sending.job, ring });
  try {
    const { source } = sending;
    const sent = source === undefined ? undefined : await pump(source, { id, ring, post, answer });
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

interface Answer {
  outcome: Promise<LayerResult | Error>;
  isOver: Pump['answer']['isOver'];
  credit: Pump['answer']['credit'];
  dispose(): void;
}

function listen(worker: Worker, id: number, onProgress: OnProgress | undefined): Answer {
  let credits = PIECES;
  let over = false;
  let wake: (() => void) | undefined;
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
      credits++;
      wake?.();
      onProgress?.(message.taken);
    };
    onError = (error) => settle(() => reject(error));
  });
  outcome.catch(() => {});
  worker.on('message', onMessage).on('error', onError);
  return {
    outcome,
    isOver: () => over,
    async credit() {
      while (credits === 0 && !over) await new Promise<void>((resolve) => (wake = resolve));
      credits--;
    },
    dispose: () => void worker.off('message', onMessage).off('error', onError),
  };
}
