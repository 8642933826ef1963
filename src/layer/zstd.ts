import zlib from 'node:zlib';
import { InvalidLayerError } from './error.ts';
import { CHUNK, type Decompressor, type OnData, streamed } from './streamed.ts';
import { createFrameGuard } from './zstd-frames.ts';

/** In node:zlib since 22.15; its decoder takes windows up to 128 MiB, zstd's own default limit. */
const native = (zlib as { createZstdDecompress?: (options: { chunkSize: number }) => zlib.Gunzip })
  .createZstdDecompress;

/** Unpacks zstd frames (RFC 8878): with node:zlib where it can, else in JavaScript. */
export function createZstd(onData: OnData): Decompressor {
  return native === undefined ? scripted(onData) : streamed(native({ chunkSize: CHUNK }), 'zstd', onData);
}

function scripted(onData: OnData): Decompressor {
  const guard = createFrameGuard();
  let decoder: { push(chunk: Uint8Array, final?: boolean): void } | undefined;
  const push = async (chunk: Buffer, final: boolean) => {
    const { Decompress } = await import('fzstd');
    decoder ??= new Decompress((plain) => onData(Buffer.from(plain.buffer, plain.byteOffset, plain.length)));
    guard(chunk);
    try {
      decoder.push(chunk, final);
    } catch (error) {
      throw zstdFailure(error);
    }
  };
  return { write: (chunk) => push(chunk, false), end: () => push(Buffer.alloc(0), true), destroy() {} };
}

/** fzstd's errors carry a number; others came out of the callback. */
function zstdFailure(error: unknown): unknown {
  const { code, message } = error as { code?: unknown; message?: string };
  const isData = typeof code === 'number' || error instanceof RangeError;
  return isData ? new InvalidLayerError(`zstd data: ${message}`) : error;
}
