/** The protocol between the main thread and an unpacking worker, which may have several jobs at once. */
import { DigestMismatchError, GockerError, type GockerErrorOptions } from '../errors.ts';
import { InvalidLayerError } from './error.ts';
import type { LayerJob, LayerResult } from './job.ts';

export type ToWorker =
  /** `ring` is where the chunks will be; `spare` is for `hasSpare`. */
  | { type: 'start'; id: number; job: LayerJob; ring: SharedArrayBuffer; spare: SharedArrayBuffer }
  /** The next piece of the ring has so many bytes. */
  | { type: 'chunk'; id: number; length: number }
  | { type: 'end'; id: number }
  /** No more will come. What has come is used first: it may be gone on from. */
  | { type: 'broken'; id: number }
  | { type: 'abort'; id: number };

export type FromWorker =
  /** What the ingest file had is used up: `offset` bytes. Chunks go on from there. */
  | { type: 'resumed'; id: number; offset: number }
  /** A chunk is used up, its place may be filled again. `taken`: packed bytes so far. */
  | { type: 'taken'; id: number; taken: number }
  | { type: 'done'; id: number; result: LayerResult }
  | { type: 'failed'; id: number; error: WireError };

/** An error as plain data; class and cause do not survive a thread boundary by themselves. */
export interface WireError {
  kind: 'digest' | 'layer' | 'gocker' | 'bug';
  code: string;
  message: string;
  stack: string | undefined;
  hint: string | undefined;
  expected: string;
  found: string;
}

export function encodeError(error: unknown): WireError {
  const known = error instanceof GockerError ? error : undefined;
  const digest = error instanceof DigestMismatchError ? error : undefined;
  return {
    kind: digest ? 'digest' : error instanceof InvalidLayerError ? 'layer' : known ? 'gocker' : 'bug',
    code: known?.code ?? '',
    message: error instanceof Error ? error.message : String(error),
    stack: error instanceof Error ? error.stack : undefined,
    hint: known?.hint,
    expected: digest?.expected ?? '',
    found: digest?.found ?? '',
  };
}

export function decodeError(wire: WireError): Error {
  const options: GockerErrorOptions = { hint: wire.hint };
  if (wire.kind === 'layer') return new InvalidLayerError(wire.message, wire.hint);
  if (wire.kind === 'gocker') return new GockerError(wire.code, wire.message, options);
  if (wire.kind === 'digest') {
    const what = wire.message.slice(0, wire.message.lastIndexOf(': expected '));
    return new DigestMismatchError(what, wire.expected, wire.found, options);
  }
  const bug = new Error(wire.message);
  if (wire.stack !== undefined) bug.stack = wire.stack;
  return bug;
}
