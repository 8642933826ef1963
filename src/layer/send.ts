import type { Worker } from 'node:worker_threads';
import type { LayerJob, LayerResult, OnProgress } from './job.ts';
import { decodeError, type FromWorker, type ToWorker } from './messages.ts';
import { CHUNK } from './streamed.ts';

/** Opens a layer's packed bytes, from the given one on. */
export type OpenSource = (offset: number) => Promise<AsyncIterable<Buffer>>;

interface Sending {
  job: LayerJob;
  /** Undefined when the worker reads a file; a function when only the worker knows how much is there already. */
  source: AsyncIterable<Buffer> | OpenSource | undefined;
  onProgress?: OnProgress;
  signal?: AbortSignal | undefined;
}

/** Chunks that a worker may have before it has used them: enough to keep it busy, few enough to bound memory. */
const WINDOW = 8;
let lastId = 0;

/**
 * Has a worker do a job. Resolves when the worker is free again: to the result, or to the error. Rejects only when the
 * worker itself broke.
 */
export async function sendJob(worker: Worker, sending: Sending): Promise<LayerResult | Error> {
  const id = ++lastId;
  const post = (message: ToWorker, transfer: ArrayBuffer[] = []) => worker.postMessage(message, transfer);
  const answer = listen(worker, id, sending.onProgress);
  const stop = () => post({ type: 'abort', id });
  sending.signal?.addEventListener('abort', stop, { once: true });
  post({ type: 'start', id, job: sending.job });
  try {
    const { source } = sending;
    const bytes = typeof source === 'function' ? later(source, answer.resumed) : source;
    const sent = bytes === undefined ? undefined : await pump(bytes, { id, post, answer });
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
  isOver(): boolean;
  /** Resolves when another chunk may be sent, or nothing is wanted any more. */
  credit(): Promise<void>;
  dispose(): void;
}

function listen(worker: Worker, id: number, onProgress: OnProgress | undefined): Answer {
  let credits = WINDOW;
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

interface Pump {
  id: number;
  post(message: ToWorker, transfer?: ArrayBuffer[]): void;
  answer: Answer;
}

/** Sends the source in pieces of equal size; returns the error when the source fails. */
async function pump(source: AsyncIterable<Buffer>, { id, post, answer }: Pump): Promise<Error | undefined> {
  let piece = new Uint8Array(CHUNK);
  let filled = 0;
  const flush = async () => {
    await answer.credit();
    post({ type: 'chunk', id, bytes: piece.subarray(0, filled) }, [piece.buffer]);
    [piece, filled] = [new Uint8Array(CHUNK), 0];
  };
  try {
    for await (const bytes of until(source, answer.outcome)) {
      for (let at = 0; at < bytes.length && !answer.isOver(); ) {
        const part = bytes.subarray(at, at + CHUNK - filled);
        piece.set(part, filled);
        [at, filled] = [at + part.length, filled + part.length];
        if (filled === CHUNK) await flush();
      }
    }
  } catch (error) {
    post({ type: 'abort', id });
    return error as Error;
  }
  if (answer.isOver()) return undefined;
  if (filled > 0) await flush();
  post({ type: 'end', id });
  return undefined;
}

/** What the source yields, up to the moment when the worker has answered: a source that stalls is not waited for then. */
async function* until(source: AsyncIterable<Buffer>, answered: Promise<unknown>): AsyncGenerator<Buffer> {
  const iterator = source[Symbol.asyncIterator]();
  const over = answered.then(
    () => undefined,
    () => undefined,
  );
  for (;;) {
    const next = await Promise.race([iterator.next(), over]);
    if (next === undefined || next.done) break;
    yield next.value;
  }
  // Not awaited: an iterator that is waiting for its source ends only when that does.
  void iterator.return?.()?.catch(() => undefined);
}
