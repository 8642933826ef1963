import { type Inflated, InflateError, type Inflater } from '../../native/isal.ts';
import { InvalidLayerError } from './error.ts';
import { CHUNK, type Decompressor, type OnData } from './streamed.ts';

/**
 * Unpacks gzip with ISA-L. Asks before each piece whether that shall be done in another thread: then it goes on while the
 * callback works on what came out before.
 */
export function gunzipWith(inflater: Inflater, onData: OnData, isApart: () => boolean): Decompressor {
  const outputs = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)];
  let turn = 0;
  let isOver = true;
  let pending: Buffer | undefined;

  function use(): void {
    const bytes = pending;
    pending = undefined;
    if (bytes !== undefined) onData(bytes);
  }

  async function besideUse(rest: Buffer, output: Buffer): Promise<Inflated> {
    const next = inflater.inflateApart(rest, output);
    try {
      use();
    } finally {
      // The other thread writes to the memory up to then.
      await next.catch(() => {});
    }
    return next;
  }

  async function inflate(rest: Buffer): Promise<Inflated> {
    if (isOver) inflater.begin();
    const apart = isApart();
    if (!apart) use();
    const output = outputs[turn++ % 2]!;
    const inflated = apart ? await besideUse(rest, output) : inflater.inflate(rest, output);
    isOver = inflated.isOver;
    if (inflated.filled > 0) pending = output.subarray(0, inflated.filled);
    if (!apart) use();
    return inflated;
  }

  /** After a member NULs are padding, up to the end of the piece, as zlib has it. */
  const wantsMore = (rest: Buffer, filled: number) =>
    isOver ? rest.length > 0 && rest[0] !== 0 : rest.length > 0 || filled === CHUNK;

  return {
    async write(chunk) {
      let rest = chunk;
      let filled = 0;
      while (wantsMore(rest, filled)) {
        const inflated = await inflate(rest).catch(explain);
        filled = inflated.filled;
        rest = rest.subarray(rest.length - inflated.left);
      }
    },
    async end() {
      use();
      if (!isOver) throw new InvalidLayerError('gzip data: unexpected end of file');
    },
    destroy() {},
  };
}

function explain(error: unknown): never {
  throw error instanceof InflateError ? new InvalidLayerError(`gzip data: ${error.message}`) : error;
}
