import { closeSync, fstatSync, ftruncateSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { hasCode } from '../../errors.ts';
import type { LogConfig } from '../schema.ts';
import { encodeRecord, MAX_RECORD } from './encode.ts';
import { lineCutter } from './lines.ts';
import type { LogStream, LogWriter } from './open.ts';

/** Lines that come together are written together; only what is used of this is memory. */
const ROOM_BYTES = 2 * MAX_RECORD;

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
  let room: Buffer | undefined;
  let used = 0;
  const flush = () => {
    unlessFull(() => {
      file ??= openFile(path);
      append(file, room!.subarray(0, used));
      if (file.size < maxSize) return;
      closeSync(file.fd);
      file = undefined;
      file = rotate(path, maxFiles);
    });
    used = 0;
  };
  const add = (stream: LogStream, lines: Buffer[]) => {
    if (lines.length === 0) return;
    const time = logTime(new Date());
    room ??= Buffer.allocUnsafeSlow(ROOM_BYTES);
    for (const line of lines) {
      used = encodeRecord(room, used, { line, stream, time });
      if (used + MAX_RECORD > ROOM_BYTES || (file?.size ?? 0) + used >= maxSize) flush();
    }
    if (used > 0) flush();
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

function openFile(path: string): OpenFile {
  const fd = openSync(path, 'a+', 0o640);
  const { size } = fstatSync(fd);
  const last = Buffer.alloc(1);
  const isWhole = size === 0 || (readSync(fd, last, 0, 1, size - 1) === 1 && last.toString() === '\n');
  const file = { fd, size };
  // A writer that was killed in the middle of a line.
  if (!isWhole) append(file, Buffer.from('\n'));
  return file;
}

/** All of the records or nothing of them. */
function append(file: OpenFile, data: Buffer): void {
  try {
    for (let at = 0; at < data.length; ) at += writeSync(file.fd, data, at);
    file.size += data.length;
  } catch (error) {
    ftruncateSync(file.fd, file.size);
    throw error;
  }
}

/** Lines that a disk has no room for, or no file, are lost. */
function unlessFull(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!hasCode(error, 'ENOSPC', 'EDQUOT', 'EIO', 'EFBIG', 'EROFS')) throw error;
  }
}

function rotate(path: string, maxFiles: number): OpenFile {
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
