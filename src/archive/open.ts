import { createReadStream, type Stats, statSync } from 'node:fs';
import { NotFoundError } from '../errors.ts';
import { quoted } from '../image/printable.ts';
import type { Store } from '../store/layout.ts';
import type { ArchiveFiles, Staging } from './files.ts';
import { openFolder } from './folder.ts';
import { spoolArchive } from './spool.ts';

/** A path of a file or folder, or a stream of an archive's bytes. */
export type ArchiveInput = string | NodeJS.ReadableStream;

/** The files of an archive or of a folder. Throws what `spoolArchive` throws, NO_INPUT, and what the file system says. */
export async function openArchive(
  store: Store,
  staging: Staging,
  input: ArchiveInput,
): Promise<ArchiveFiles> {
  if (typeof input !== 'string') return await spoolArchive(store, staging, input);
  if (statInput(input).isDirectory()) return openFolder(store, staging, input);
  return await spoolArchive(store, staging, createReadStream(input));
}

/** Throws NO_INPUT when there is nothing at the path. */
export function statInput(path: string): Stats {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat !== undefined) return stat;
  throw new NotFoundError('NO_INPUT', `there is no ${quoted(path)}`, {
    hint: 'name a file or folder, or - for standard input',
  });
}
