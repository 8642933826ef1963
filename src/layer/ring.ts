import { CHUNK } from './streamed.ts';

/** Pieces that one thread may fill before the other has used them: enough to keep it busy, few enough to bound memory. */
export const PIECES = 2;

/** Memory that two threads share, filled by one and used up by the other piece by piece, over and over. */
export function createRing(): SharedArrayBuffer {
  return new SharedArrayBuffer(PIECES * CHUNK);
}

/** The place of the piece with this number; that of number `PIECES` is that of the first, number 0, again. */
export function pieceOf(ring: SharedArrayBuffer, number: number): Buffer {
  return Buffer.from(ring as unknown as ArrayBuffer, (number % PIECES) * CHUNK, CHUNK);
}
