import type zlib from 'node:zlib';
import { InvalidLayerError } from './error.ts';

/** Turns packed bytes into plain ones, which it hands to a callback in order. */
export interface Decompressor {
  /** Resolves when the chunk is used up; the chunk must not change before. */
  write(chunk: Buffer): Promise<void>;
  /** Resolves when everything has been handed out. */
  end(): Promise<void>;
  destroy(): void;
}

export type OnData = (plain: Buffer) => void;

/** Bytes. zlib's default of 16 KiB makes it four times slower; a quarter of this costs a twentieth more. */
export const CHUNK = 1024 * 1024;

/**
 * A decoder of node:zlib, which works in a thread of its own: what it puts out is used only after it has been given the
 * next piece of work, so that both run at once.
 */
export function streamed(decoder: zlib.Gunzip, format: string, onData: OnData): Decompressor {
  let failure: Error | undefined;
  const fail = (error: Error) => {
    failure ??= zlibFailure(error, format);
  };
  const use = (chunk: Buffer) => {
    if (failure !== undefined) return;
    try {
      onData(chunk);
    } catch (error) {
      failure = error as Error;
    }
  };
  const check = () => {
    if (failure !== undefined) throw failure;
  };
  const ended = new Promise<void>((resolve) => {
    decoder.on('error', (error) => {
      fail(error);
      resolve();
    });
    decoder.on('end', () => queueMicrotask(resolve));
    decoder.on('close', () => resolve());
  });
  decoder.on('data', (chunk: Buffer) => queueMicrotask(() => use(chunk)));
  return {
    async write(chunk) {
      check();
      await Promise.race([new Promise<void>((resolve) => decoder.write(chunk, () => resolve())), ended]);
      check();
    },
    async end() {
      decoder.end();
      await ended;
      check();
    },
    destroy: () => void decoder.destroy(),
  };
}

function zlibFailure(error: Error, format: string): Error {
  const { code } = error as NodeJS.ErrnoException;
  const isData = code?.startsWith('Z_') || code?.startsWith('ZSTD_');
  return isData ? new InvalidLayerError(`${format} data: ${error.message}`) : error;
}
