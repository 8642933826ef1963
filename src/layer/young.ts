import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes after which it pays. */
const EVERY = 8 * 1024 * 1024;

type Collect = (options: { type: 'minor' }) => void;
let collect: Collect | undefined;
let passed = 0;

/**
 * To be told of bytes that came through short-lived buffers. Has V8 collect the young objects now and then, in half a
 * millisecond: left alone it lets the buffers pile up until it takes them for a leak, and searches all of its memory.
 */
export function passedThrough(bytes: number): void {
  passed += bytes;
  if (passed < EVERY) return;
  passed = 0;
  collect ??= exposed();
  collect({ type: 'minor' });
}

/** The flag is only read when a context is made: no other code gets to see the function. */
function exposed(): Collect {
  setFlagsFromString('--expose-gc');
  const found = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc');
  return found;
}
