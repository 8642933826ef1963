import { PassThrough } from 'node:stream';
import { UsageError } from '../errors.ts';
import type { Streams } from '../runtime/types.ts';

export const DEFAULT_DETACH_KEYS = 'ctrl-p,ctrl-q';

/** Streams whose input is watched for the keys that leave a program alone. */
export interface Detachable {
  streams: Streams;
  /** Resolves when the keys have been typed. */
  detached: Promise<void>;
  isDetached(): boolean;
}

/** Only a program with a terminal is left by keys, as docker has it; input that is not the keys goes on, each byte. */
export function detachable(
  streams: Streams,
  { tty, detachKeys }: { tty: boolean; detachKeys: string },
): Detachable {
  const keys = parseDetachKeys(detachKeys);
  if (!tty || !streams.stdin || keys.length === 0) {
    return { streams, detached: new Promise(() => {}), isDetached: () => false };
  }
  const source = streams.stdin;
  const stdin = new PassThrough();
  let isDetached = false;
  const detached = new Promise<void>((resolve) => {
    const watch = keyWatcher(keys);
    source.on('data', (chunk: Buffer) => {
      if (isDetached) return;
      const { rest, found } = watch(chunk);
      if (rest.length > 0 && !stdin.write(rest)) {
        source.pause();
        stdin.once('drain', () => source.resume());
      }
      if (!found) return;
      isDetached = true;
      resolve();
    });
    source.once('end', () => stdin.end());
  });
  return { streams: { ...streams, stdin }, detached, isDetached: () => isDetached };
}

/** The bytes of `ctrl-p,ctrl-q` or `a,ctrl-@` (docker attach reference). Throws a UsageError. */
export function parseDetachKeys(text: string): number[] {
  if (text === '') return [];
  return text.split(',').map((key) => {
    if (/^[ -~]$/.test(key)) return key.charCodeAt(0);
    const control = /^ctrl-([a-z@[\\\]^_])$/.exec(key)?.[1];
    if (control !== undefined) return control.toUpperCase().charCodeAt(0) & 0x1f;
    throw new UsageError('INVALID_DETACH_KEYS', `invalid key ${JSON.stringify(key)} for --detach-keys`, {
      hint: 'give keys such as a or ctrl-a, separated by commas',
    });
  });
}

/** Takes bytes and gives those that go on; the beginning of the keys is held back until it is clear what it is. */
export function keyWatcher(keys: number[]): (chunk: Buffer) => { rest: Buffer; found: boolean } {
  let matched = 0;
  return (chunk) => {
    const rest: number[] = [];
    for (const byte of chunk) {
      if (byte === keys[matched]) {
        matched++;
        if (matched === keys.length) return { rest: Buffer.from(rest), found: true };
        continue;
      }
      rest.push(...keys.slice(0, matched));
      matched = byte === keys[0] ? 1 : 0;
      if (matched === 0) rest.push(byte);
    }
    return { rest: Buffer.from(rest), found: false };
  };
}
