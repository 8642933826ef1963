import { isUtf8 } from 'node:buffer';
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { hasCode } from '../../errors.ts';
import type { LogConfig } from '../schema.ts';
import { lineCutter } from './lines.ts';
import type { LogStream, LogWriter } from './open.ts';

/** One line of the file, with docker's keys. */
export interface LogRecord {
  log: string;
  stream: LogStream;
  /** RFC 3339 with nine digits of a second. */
  time: string;
  /** The bytes in base64 where they are no UTF-8, which JSON cannot hold: `log` shows them as well as can be. */
  bytes?: string;
}

interface OpenFile {
  fd: number;
  size: number;
}

/**
 * docker's json-file: the file at `path`, with older ones beside it as `path.1`, `path.2`. A disk that is full costs lines
 * of the log, never the program.
 */
export function openJsonFile(path: string, { maxSize, maxFiles }: LogConfig): LogWriter {
  const cutters = { stdout: lineCutter(), stderr: lineCutter() };
  let file: OpenFile | undefined;
  let waiting = '';
  const flush = () => {
    file ??= openFile(path);
    append(file, waiting);
    waiting = '';
  };
  const add = (stream: LogStream, lines: Buffer[]) => {
    const time = logTime(new Date());
    for (const line of lines) {
      waiting += encodeRecord({ line, stream, time });
      if ((file?.size ?? 0) + waiting.length < maxSize) continue;
      flush();
      if (file!.size >= maxSize) file = rotate(file!, path, maxFiles);
    }
    if (waiting !== '') flush();
  };
  return {
    write: (stream, chunk) => add(stream, cutters[stream].cut(chunk)),
    close() {
      for (const stream of ['stdout', 'stderr'] as const) {
        const rest = cutters[stream].rest();
        if (rest.length > 0) add(stream, [rest]);
      }
      if (file) closeSync(file.fd);
      file = undefined;
    },
  };
}

/** `2026-01-31T12:00:00.123000000Z`: of one width, so that times compare as text. */
export function logTime(time: Date): string {
  return time.toISOString().replace('Z', '000000Z');
}

function encodeRecord({ line, stream, time }: { line: Buffer; stream: LogStream; time: string }): string {
  const record: LogRecord = { log: line.toString('utf8'), stream, time };
  if (!isUtf8(line)) record.bytes = line.toString('base64');
  return `${JSON.stringify(record)}\n`;
}

function openFile(path: string): OpenFile {
  const fd = openSync(path, 'a+', 0o640);
  const { size } = fstatSync(fd);
  const last = Buffer.alloc(1);
  const isWhole = size === 0 || (readSync(fd, last, 0, 1, size - 1) === 1 && last.toString() === '\n');
  const file = { fd, size };
  // A writer that was killed in the middle of a line.
  if (!isWhole) append(file, '\n');
  return file;
}

/** All of the text or nothing of it. */
function append(file: OpenFile, text: string): void {
  const data = Buffer.from(text);
  try {
    for (let at = 0; at < data.length; ) at += writeSync(file.fd, data, at);
    file.size += data.length;
  } catch (error) {
    if (!hasCode(error, 'ENOSPC', 'EDQUOT', 'EIO', 'EFBIG', 'EROFS')) throw error;
    ftruncateSync(file.fd, file.size);
  }
}

function rotate(file: OpenFile, path: string, maxFiles: number): OpenFile {
  closeSync(file.fd);
  for (let number = maxFiles - 1; number >= 1; number--) {
    const older = number === 1 ? path : `${path}.${number - 1}`;
    try {
      renameSync(older, `${path}.${number}`);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
  return { fd: openSync(path, maxFiles > 1 ? 'a+' : 'w+', 0o640), size: 0 };
}
