import zlib from 'node:zlib';
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

/** In a thread of zlib's own. */
export function gunzipApart(onData: OnData): Decompressor {
  return streamed(zlib.createGunzip({ chunkSize: CHUNK }), 'gzip', onData);
}

/**
 * In the calling thread, always into the same memory: a tenth less work than with a stream, whose every piece is new
 * memory that another thread has filled. For a thread that has nothing better to do meanwhile.
 */
export function gunzipInPlace(onData: OnData): Decompressor {
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
