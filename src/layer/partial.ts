/**
 * The file that takes a layer's bytes as they come, and beside it a file of notes by which a later process knows how far
 * the bytes are as they were written. Neither is forced to the disk before the layer is whole: what a crash tears, the
 * notes show.
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, createReadStream, openSync, statSync, truncateSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Descriptor } from '../image/types.ts';
import { CHUNK } from './streamed.ts';

export interface Partial {
  path: string;
  /** The file of notes. Without one, only a whole file is taken up again. */
  notes?: string | undefined;
}

/** Says what the bytes were up to here. */
interface Note {
  bytes: number;
  /** Of the first `bytes` bytes, in hex. */
  digest: string;
}

/** Bytes from one note to the next: so many are fetched again at the most. */
export const STEP = 256 * 1024;

/**
 * Bytes at the start of the file that are as they were written, and can be trusted as far as whoever sent them; the
 * rest is cut off. A file that is as long as the blob and is not the blob has none.
 */
export async function checkPartial(partial: Partial, { digest, size }: Descriptor): Promise<number> {
  const { path, notes } = partial;
  const found = await examine(partial);
  if (found.whole === digest && found.length === size) return size;
  const kept = found.length >= size ? [] : found.good;
  const bytes = kept.at(-1)?.bytes ?? 0;
  if (bytes < found.length) truncateSync(path, bytes);
  if (notes !== undefined && lengthOf(notes) > 0) truncateSync(notes, kept.map(line).join('').length);
  return bytes;
}

function lengthOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

interface Examined {
  length: number;
  /** The digest of the whole file. */
  whole: string;
  /** The notes that hold, up to the first that does not. */
  good: Note[];
}

async function examine({ path, notes }: Partial): Promise<Examined> {
  const hash = createHash('sha256');
  const good: Note[] = [];
  let length = 0;
  if (lengthOf(path) === 0) return { length, whole: '', good };
  const expected = notes === undefined ? [] : await readNotes(notes);
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) {
    let rest = chunk as Buffer;
    for (let next = expected[good.length]; next !== undefined; next = expected[good.length]) {
      if (next.bytes > length + rest.length) break;
      hash.update(rest.subarray(0, next.bytes - length));
      rest = rest.subarray(next.bytes - length);
      length = next.bytes;
      if (hash.copy().digest('hex') !== next.digest) expected.length = good.length;
      else good.push(next);
    }
    hash.update(rest);
    length += rest.length;
  }
  return { length, whole: `sha256:${hash.digest('hex')}`, good };
}

/** Up to the first line that is torn, or goes back. */
async function readNotes(path: string): Promise<Note[]> {
  if (lengthOf(path) === 0) return [];
  const notes: Note[] = [];
  for (const text of (await readFile(path, 'latin1')).split('\n').slice(0, -1)) {
    const [, bytes, digest] = /^(\d{1,15}) ([0-9a-f]{64})$/.exec(text) ?? [];
    if (digest === undefined || Number(bytes) <= (notes.at(-1)?.bytes ?? 0)) break;
    notes.push({ bytes: Number(bytes), digest });
  }
  return notes;
}

function line({ bytes, digest }: Note): string {
  return `${bytes} ${digest}\n`;
}

/** Writes the notes of a file that grows. */
export interface NoteTaker {
  /** After each piece that was written: the file's length, and the hash of all that is in it. */
  wrote(bytes: number, hash: Hash): void;
  close(): void;
}

/** `bytes`: how long the file is when it begins to grow. */
export function createNoteTaker(path: string | undefined, bytes: number): NoteTaker {
  let noted = bytes;
  let fd: number | undefined;
  return {
    wrote(length, hash) {
      if (path === undefined || length - noted < STEP) return;
      fd ??= openSync(path, 'a', 0o600);
      writeSync(fd, line({ bytes: length, digest: hash.copy().digest('hex') }));
      noted = length;
    },
    close() {
      if (fd !== undefined) closeSync(fd);
    },
  };
}
