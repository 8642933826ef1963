import type { ToWorker } from './messages.ts';
import { pieceOf } from './ring.ts';
import { passedThrough } from './young.ts';

/** Milliseconds after which a piece is sent though it is not full: what has come counts, and is kept. */
const LONGEST = 250;

export interface Pump {
  id: number;
  ring: SharedArrayBuffer;
  post(message: ToWorker): void;
  answer: {
    /** Settles when the worker wants no more. */
    outcome: Promise<unknown>;
    isOver(): boolean;
    /** Resolves when another piece may be filled, or nothing is wanted any more. */
    credit(): Promise<void>;
  };
}

/** Sends a worker the source in pieces of equal size; returns the error when the source fails. */
export async function pump(source: AsyncIterable<Buffer>, options: Pump): Promise<Error | undefined> {
  const { id, post, answer } = options;
  const pieces = createPieces(options);
  // The network may be slow, or have stopped.
  const timer = setInterval(pieces.flush, LONGEST);
  try {
    for await (const bytes of until(source, answer.outcome)) {
      passedThrough(bytes.length);
      for (let at = 0; at < bytes.length && !answer.isOver(); ) at += await pieces.add(bytes, at);
    }
  } catch (error) {
    pieces.flush();
    post({ type: 'broken', id });
    return error as Error;
  } finally {
    clearInterval(timer);
  }
  if (answer.isOver()) return undefined;
  pieces.flush();
  post({ type: 'end', id });
  return undefined;
}

function createPieces({ id, ring, post, answer }: Pump) {
  let number = 0;
  let piece: Buffer | undefined;
  let filled = 0;
  const flush = () => {
    if (filled === 0) return;
    post({ type: 'chunk', id, length: filled });
    [piece, filled] = [undefined, 0];
  };
  return {
    flush,
    /** Takes what it can of the bytes from `at` on; resolves to how much that was. */
    async add(bytes: Buffer, at: number): Promise<number> {
      if (piece === undefined) {
        await answer.credit();
        piece = pieceOf(ring, number++);
      }
      const taken = bytes.copy(piece, filled, at);
      filled += taken;
      if (filled === piece.length) flush();
      return taken;
    },
  };
}

/** What the source yields, up to the moment when the worker has answered: a source that stalls is not waited for then. */
async function* until(source: AsyncIterable<Buffer>, answered: Promise<unknown>): AsyncGenerator<Buffer> {
  const iterator = source[Symbol.asyncIterator]();
  let isOver = false;
  let stop = () => {};
  const over = () => {
    isOver = true;
    stop();
  };
  answered.then(over, over);
  // Promise.race would leave something behind at `answered` for every chunk of the layer.
  const next = () =>
    new Promise<IteratorResult<Buffer> | undefined>((resolve, reject) => {
      stop = () => resolve(undefined);
      iterator.next().then(resolve, reject);
    });
  while (!isOver) {
    const result = await next();
    if (result === undefined || result.done) break;
    yield result.value;
  }
  // Not awaited: an iterator that is waiting for its source ends only when that does.
  void iterator.return?.()?.catch(() => undefined);
}
