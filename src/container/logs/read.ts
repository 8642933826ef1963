import { type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { GockerError, hasCode } from '../../errors.ts';
import type { ContainerContext } from '../context.ts';
import { readContainer } from '../record.ts';
import { isSupervised } from '../running.ts';
import type { Container } from '../schema.ts';
import type { LogRecord } from './encode.ts';
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
  let files = await openAll(path);
  try {
    const offsets = options.tail === undefined ? files.map(() => 0) : await tailOffset(files, options.tail);
    let place = start(offsets.shift() ?? 0);
    for (;;) {
      const goesOn = options.follow === true && !options.signal?.aborted && (await isWritten(context, id));
      if (files.length < 2) files = await withSuccessors(files, path);
      if (files[0]) yield* linesOf(files[0], place);
      if (files.length > 1) {
        await files.shift()?.close();
        place = start(offsets.shift() ?? 0);
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
  rest: Buffer;
}

const start = (at: number): Place => ({ at, rest: Buffer.alloc(0) });

async function* linesOf(file: FileHandle, place: Place): AsyncGenerator<string> {
  // A log of one file is emptied when it is full.
  if ((await file.stat()).size < place.at) Object.assign(place, start(0));
  const block = Buffer.alloc(BLOCK_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(block, 0, block.length, place.at);
    if (bytesRead === 0) return;
    place.at += bytesRead;
    const data = Buffer.concat([place.rest, block.subarray(0, bytesRead)]);
    const end = data.lastIndexOf('\n') + 1;
    place.rest = data.subarray(end);
    if (end > 0) yield* data.toString('utf8', 0, end - 1).split('\n');
  }
}

/** Oldest first. What a writer that was killed between two files has left counts too. */
async function openAll(path: string): Promise<FileHandle[]> {
  for (;;) {
    const newest = await openIfThere(path);
    const files = newest ? [newest] : [];
    for (let number = 1; ; number++) {
      const older = await openIfThere(`${path}.${number}`);
      if (!older) break;
      files.unshift(older);
    }
    if ((await inodeAt(path)) === (await inodeOf(newest))) return files;
    // They were renamed meanwhile, and one may be here twice.
    for (const file of files) await file.close();
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

const inodeOf = async (file: FileHandle | undefined) => (await file?.stat())?.ino;
const inodeAt = async (path: string) => (await stat(path).catch(() => undefined))?.ino;

/** The file, and all that have been begun since; all there are when it has been thrown away meanwhile. */
async function withSuccessors([file]: FileHandle[], path: string): Promise<FileHandle[]> {
  const inode = await inodeOf(file);
  if (inode === (await inodeAt(path))) return file ? [file] : [];
  const all = await openAll(path);
  const inodes = await Promise.all(all.map(inodeOf));
  const known = all.splice(0, inodes.indexOf(inode) + 1);
  for (const again of known) await again.close();
  return file ? [file, ...all] : all;
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
