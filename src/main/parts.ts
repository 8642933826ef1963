/**
 * A file of named parts, so that few files are opened and only what is used of them is read: a first line of JSON,
 * `{"id":"...","parts":[["NAME",BYTES],...]}`, and then the parts one after another.
 */
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface Parts {
  /** Tells one content of a file from another. */
  id: string;
  names: string[];
  /** The bytes of a part; undefined when there is none of that name. */
  read(name: string): Buffer | undefined;
}

interface Index {
  id: string;
  parts: [name: string, bytes: number][];
}

const NEWLINE = 0x0a;
/** What an index takes at most, so that one read gets it. */
const INDEX_BYTES = 64 * 1024;

/** Opens such a file, for as long as the process lives. Throws what `open` and `JSON.parse` throw. */
export function openParts(file: string): Parts {
  const fd = openSync(file, 'r');
  try {
    const { index, start } = readIndex(fd);
    const places = new Map<string, { at: number; bytes: number }>();
    let at = start;
    for (const [name, bytes] of index.parts) {
      places.set(name, { at, bytes });
      at += bytes;
    }
    return { id: index.id, names: [...places.keys()], read: (name) => readAt(fd, places.get(name)) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Writes such a file. One that is there is whole, whoever else writes the same one now; what killed writers left goes. */
export function writeParts(file: string, id: string, parts: Map<string, Buffer>): void {
  const index: Index = { id, parts: [...parts].map(([name, { length }]) => [name, length]) };
  const temporary = `${file}.${process.pid}`;
  const directory = dirname(file);
  mkdirSync(directory, { recursive: true });
  try {
    writeFileSync(temporary, Buffer.concat([Buffer.from(`${JSON.stringify(index)}\n`), ...parts.values()]));
    renameSync(temporary, file);
  } finally {
    const left = readdirSync(directory).filter((name) => name.startsWith(`${basename(file)}.`));
    for (const name of left) rmSync(join(directory, name), { force: true });
  }
}

function readIndex(fd: number): { index: Index; start: number } {
  const head = readAt(fd, { at: 0, bytes: INDEX_BYTES })!;
  const end = head.indexOf(NEWLINE);
  return { index: JSON.parse(head.toString('utf8', 0, end)) as Index, start: end + 1 };
}

function readAt(fd: number, place: { at: number; bytes: number } | undefined): Buffer | undefined {
  if (!place) return undefined;
  const buffer = Buffer.allocUnsafeSlow(place.bytes);
  return buffer.subarray(0, readSync(fd, buffer, 0, place.bytes, place.at));
}
