import { createReadStream, statSync } from 'node:fs';
import { NotFoundError } from '../errors.ts';
import { quoted } from '../image/printable.ts';
import type { Store } from '../store/layout.ts';
import { invalidArchive } from './error.ts';
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
  const stat = statSync(input, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new NotFoundError('NO_INPUT', `there is no ${quoted(input)}`, {
      hint: 'name a file or folder, or - for standard input',
    });
  }
  if (stat.isDirectory()) return openFolder(store, staging, input);
  if (stat.isFile() && stat.size === 0) throw invalidArchive('it is empty');
  return await spoolArchive(store, staging, createReadStream(input));
}
