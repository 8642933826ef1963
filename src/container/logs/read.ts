import { type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { GockerError, hasCode } from '../../errors.ts';
import { isSupervised } from '../charge.ts';
import type { ContainerContext } from '../context.ts';
import { readContainer } from '../record.ts';
import type { Container } from '../schema.ts';
import type { LogRecord } from './json-file.ts';
import { DEFAULT_LOG, type LogStream, logPathOf } from './open.ts';
import { tailOffset } from './tail.ts';

export interface LogOptions {
  /** Goes on with what is written later, until nobody looks after the container any more. */
  follow?: boolean;
  /** Only so many of the last lines; all without it. */
  tail?: number;
  /** Milliseconds since the epoch. */
  since?: number;
  until?: number;
  /** Ends a reading that follows. */
  signal?: AbortSignal;
}

/** A line with its newline, or a piece of a long one. */
export interface LogEntry {
  stream: LogStream;
  /** RFC 3339 with nine digits of a second. */
  time: string;
  data: Buffer;
}

const POLL_MS = 100;
const BLOCK_BYTES = 256 * 1024;

/** What the container's program has written, oldest first. Throws NO_LOG when its log driver cannot be read. */
export async function* readLog(
  context: ContainerContext,
  container: Container,
  options: LogOptions = {},
): AsyncGenerator<LogEntry> {
  const { driver } = container.config.log ?? DEFAULT_LOG;
  if (driver !== 'json-file') throw notReadable(container, driver);
  for await (const line of readLines(context, container, options)) {
    const entry = decodeEntry(line);
    if (!entry) continue;
    const time = Date.parse(entry.time);
    if (options.since !== undefined && time < options.since) continue;
    if (options.until !== undefined && time > options.until) return;
    yield entry;
  }
}

async function* readLines(
  context: ContainerContext,
  { id }: Container,
  options: LogOptions,
): AsyncGenerator<string> {
  const path = logPathOf(context.root, id);
  const files = await openAll(path);
  try {
    const offsets = options.tail === undefined ? files.map(() => 0) : await tailOffset(files, options.tail);
    for (const [index, file] of files.slice(0, -1).entries())
      yield* linesOf(file, { at: offsets[index]!, rest: '' });
    const place: Place = { at: offsets.at(-1) ?? 0, rest: '' };
    for (;;) {
      const goesOn = options.follow === true && !options.signal?.aborted && (await isWritten(context, id));
      if (files.length > 0) yield* linesOf(files.at(-1)!, place);
      const next = await successor(files.at(-1), path);
      if (next) {
        if (files.length > 0) yield* linesOf(files.at(-1)!, place);
        files.push(next);
        Object.assign(place, { at: 0, rest: '' });
      } else if (!goesOn) return;
      else await sleep(POLL_MS);
    }
  } finally {
    for (const file of files) await file.close();
  }
}

interface Place {
  at: number;
  /** The beginning of a line whose end is not there yet. */
  rest: string;
}

async function* linesOf(file: FileHandle, place: Place): AsyncGenerator<string> {
  const block = Buffer.alloc(BLOCK_BYTES);
  const decoder = new TextDecoder();
  for (;;) {
    const { bytesRead } = await file.read(block, 0, block.length, place.at);
    if (bytesRead === 0) return;
    place.at += bytesRead;
    const lines = (place.rest + decoder.decode(block.subarray(0, bytesRead), { stream: true })).split('\n');
    place.rest = lines.pop()!;
    yield* lines;
  }
}

/** Oldest first. */
async function openAll(path: string): Promise<FileHandle[]> {
  const files: FileHandle[] = [];
  for (let number = 0; ; number++) {
    const file = await openIfThere(number === 0 ? path : `${path}.${number}`);
    if (!file) return files.reverse();
    files.push(file);
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The file that has taken the place of this one. */
async function successor(file: FileHandle | undefined, path: string): Promise<FileHandle | undefined> {
  if (!file) return await openIfThere(path);
  const there = await stat(path).catch(() => undefined);
  if (!there || there.ino === (await file.stat()).ino) return undefined;
  return await openIfThere(path);
}

async function isWritten(context: ContainerContext, id: string): Promise<boolean> {
  const container = await readContainer(context.root, id);
  return container !== undefined && isSupervised(context, container);
}

/** Undefined for a line that a killed writer has left half. */
function decodeEntry(line: string): LogEntry | undefined {
  try {
    const { log, stream, time, bytes } = JSON.parse(line) as LogRecord;
    return { stream, time, data: bytes === undefined ? Buffer.from(log) : Buffer.from(bytes, 'base64') };
  } catch {
    return undefined;
  }
}

function notReadable({ config }: Container, driver: string): GockerError {
  const message = `container "${config.name}" keeps no log that gocker reads: its log driver is ${driver}`;
  return new GockerError('NO_LOG', message, {
    hint:
      driver === 'journald'
        ? `read it with: journalctl CONTAINER_NAME=${config.name}`
        : 'run it with --log-driver json-file',
  });
}
