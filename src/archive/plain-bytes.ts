import { createDecompressor } from '../layer/decompress.ts';
import { drain } from './drain.ts';
import { invalidArchive } from './error.ts';

/**
 * Hands out the bytes of a stream that nobody has said the packing of: gzip (also packed more than once), zlib, zstd or
 * plain. Throws INVALID_ARCHIVE for damaged ones, INVALID_LAYER for other packings, and what the stream or `take` throw.
 */
export async function plainBytes(input: NodeJS.ReadableStream, take: (bytes: Buffer) => void): Promise<void> {
  const { default: gunzip } = await import('gunzip-maybe');
  const decompressor = createDecompressor(take);
  try {
    await drain(input, { through: gunzip(), take: (piece) => decompressor.write(piece) });
    await decompressor.end();
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw /^Z_|^ERR_BUFFER/.test(code) ? invalidArchive(`its gzip data: ${message}`) : error;
  } finally {
    decompressor.destroy();
  }
}
