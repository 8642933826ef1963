import { join } from 'node:path';
import type { ContainerContext } from '../context.ts';
import { directoryOf } from '../paths.ts';
import type { Container, LogConfig } from '../schema.ts';
import { openJournal } from './journald.ts';
import { openJsonFile } from './json-file.ts';

export type LogStream = 'stdout' | 'stderr';

/**
 * Keeps what a program writes. Everything is synchronous: a log that is slow slows the program, and what was written
 * first is logged first.
 */
export interface LogWriter {
  write(stream: LogStream, chunk: Buffer): void;
  /** Writes what is left of unfinished lines. */
  close(): void;
}

/** What is kept when nothing was asked for. */
export const DEFAULT_LOG: LogConfig = { driver: 'json-file', maxSize: 10_000_000, maxFiles: 3 };

/** docker's place and name for it. */
export function logPathOf(root: string, id: string): string {
  return join(directoryOf(root, id), `${id}-json.log`);
}

/** The log that the container's config asks for. */
export function openLog(context: ContainerContext, { id, config }: Container): LogWriter {
  const log = config.log ?? DEFAULT_LOG;
  if (log.driver === 'none') return { write: () => undefined, close: () => undefined };
  if (log.driver === 'journald') return openJournal(context, { id, config });
  return openJsonFile(logPathOf(context.root, id), log);
}
