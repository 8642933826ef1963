import zlib from 'node:zlib';
import { type Inflater, openInflater } from '../../native/isal.ts';
import { InvalidLayerError } from './error.ts';
import { CHUNK, type Decompressor, type OnData, streamed } from './streamed.ts';

const { Z_NO_FLUSH, Z_FINISH } = zlib.constants;

/** What is behind a stream of node:zlib, in all versions of Node.js that gocker runs on; but nobody promised it. */
interface Handle {
  writeSync(
    ...write: [
      flush: number,
      ...input: [bytes: Uint8Array, at: number, length: number],
      ...output: [bytes: Uint8Array, at: number, length: number],
    ]
  ): void;
  onerror(message: string, errno: number, code: string): void;
}
interface Behind {
  _handle: Handle;
  /** After a write: how much room is left in the output, and what is left of the input. */
  _writeState: [room: number, left: number];
}

/**
 * Unpacks gzip in the calling thread, always into the same memory: a tenth less work than with a stream, whose every
 * piece is new memory that another thread has filled. For a thread that has nothing better to do meanwhile. With ISA-L,
 * where that is installed and `GOCKER_DISABLE_ISAL` is not set; or else with zlib.
 */
export function createGunzip(onData: OnData): Decompressor {
  const inflater = wantedInflater();
  return inflater === undefined ? withZlib(onData) : withInflater(inflater, onData);
}

/** What `createGunzip` takes. */
export function gunzipLibrary(): 'ISA-L' | 'zlib' {
  return wantedInflater() === undefined ? 'zlib' : 'ISA-L';
}

function wantedInflater(): Inflater | undefined {
  return process.env.GOCKER_DISABLE_ISAL ? undefined : openInflater();
}

function withInflater(inflater: Inflater, onData: OnData): Decompressor {
  const output = Buffer.allocUnsafe(CHUNK);
  let isOver = true;
  const step = (bytes: Buffer) => {
    if (isOver) inflater.begin();
    const outcome = attempt(() => inflater.inflate(bytes, output));
    isOver = outcome.isOver;
    if (outcome.filled > 0) onData(output.subarray(0, outcome.filled));
    return outcome;
  };
  /** After a member NULs are padding, up to the end of the piece, as zlib has it. */
  const wantsMore = (rest: Buffer, filled: number) =>
    isOver ? rest.length > 0 && rest[0] !== 0 : rest.length > 0 || filled === CHUNK;
  return {
    async write(chunk) {
      let [rest, filled] = [chunk, 0];
      while (wantsMore(rest, filled)) {
        const outcome = step(rest);
        filled = outcome.filled;
        rest = rest.subarray(rest.length - outcome.left);
      }
    },
    async end() {
      if (!isOver) throw new InvalidLayerError('gzip data: unexpected end of file');
    },
    destroy() {},
  };
}

function attempt<R>(act: () => R): R {
  try {
    return act();
  } catch (error) {
    throw new InvalidLayerError(`gzip data: ${(error as Error).message}`);
  }
}

function withZlib(onData: OnData): Decompressor {
  const decoder = zlib.createGunzip({ chunkSize: CHUNK });
  return isKnown(decoder) ? inPlace(decoder, onData) : streamed(decoder, 'gzip', onData);
}

function isKnown(decoder: object): decoder is zlib.Gunzip & Behind {
  const { _handle: handle, _writeState: state } = decoder as Partial<Behind>;
  return typeof handle?.writeSync === 'function' && ArrayBuffer.isView(state);
}

function inPlace(decoder: zlib.Gunzip & Behind, onData: OnData): Decompressor {
  const { _handle: handle, _writeState: state } = decoder;
  const output = Buffer.allocUnsafe(CHUNK);
  let failure: Error | undefined;
  handle.onerror = (message) => {
    failure = new InvalidLayerError(`gzip data: ${message}`);
  };
  const push = (flush: number, bytes: Buffer) => {
    let room = 0;
    for (let left = bytes.length; room === 0; ) {
      handle.writeSync(flush, bytes, bytes.length - left, left, output, 0, CHUNK);
      if (failure !== undefined) throw failure;
      [room, left] = state;
      if (room < CHUNK) onData(output.subarray(0, CHUNK - room));
    }
  };
  return {
    write: async (chunk) => push(Z_NO_FLUSH, chunk),
    end: async () => push(Z_FINISH, Buffer.alloc(0)),
    destroy: () => void decoder.destroy(),
  };
}
