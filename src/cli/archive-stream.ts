import { UsageError } from '../errors.ts';

/** Where an archive goes: a path, or stdout for `-`. Throws OUTPUT_IS_TERMINAL where that is a terminal. */
export function archiveOutput(path: string): string | NodeJS.WritableStream {
  if (path !== '-') return path;
  if (!process.stdout.isTTY) return process.stdout;
  throw new UsageError('OUTPUT_IS_TERMINAL', 'cowardly refusing to save to a terminal', {
    hint: 'use the -o flag or redirect',
  });
}

/** What `-` stands for. Throws INPUT_IS_TERMINAL where that is a terminal. */
export function archiveInput(path: string): string | NodeJS.ReadableStream {
  if (path !== '-') return path;
  if (!process.stdin.isTTY) return process.stdin;
  throw new UsageError('INPUT_IS_TERMINAL', 'standard input is a terminal, an archive is wanted', {
    hint: 'name a file, or redirect one',
  });
}
