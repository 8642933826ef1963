import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { O, RESOLVE } from '../../native/constants.ts';
import { hasCode } from '../errors.ts';
import { quoted } from '../image/printable.ts';
import type { Store } from '../store/layout.ts';
import { invalidArchive } from './error.ts';
import type { ArchiveFiles, StagedFile, Staging } from './files.ts';

const CHUNK = 1024 * 1024;

/**
 * The files of a folder, copied when they are asked for. Links are followed inside of it alone (openat2(2),
 * RESOLVE_BENEATH); what is no file is refused with INVALID_ARCHIVE.
 */
export function openFolder(store: Store, staging: Staging, path: string): ArchiveFiles {
  const root = openSync(path, O.RDONLY | O.DIRECTORY | O.CLOEXEC);
  const staged = new Map<string, StagedFile>();
  return {
    async stage(name) {
      const known = staged.get(name);
      if (known !== undefined) return known;
      const fd = openIfThere(store, root, name);
      if (fd === undefined) return undefined;
      try {
        const file = copyOf(fd, name, staging);
        staged.set(name, file);
        return file;
      } finally {
        closeSync(fd);
      }
    },
    close() {
      closeSync(root);
      staging.clear();
    },
  };
}

/** Not blocking: a fifo would wait for somebody to write. */
function openIfThere({ syscalls }: Store, root: number, name: string): number | undefined {
  const flags = O.RDONLY | O.NONBLOCK | O.CLOEXEC;
  try {
    return syscalls.openat2(root, name, { flags, resolve: RESOLVE.BENEATH | RESOLVE.NO_MAGICLINKS });
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    if (hasCode(error, 'EXDEV', 'ELOOP'))
      throw invalidArchive(`file ${quoted(name)} is a link that leads outside`);
    throw error;
  }
}

function copyOf(fd: number, name: string, staging: Staging): StagedFile {
  if (!fstatSync(fd).isFile()) throw invalidArchive(`${quoted(name)} is no file`);
  const file = staging.begin();
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer)) {
    file.write(buffer.subarray(0, read));
  }
  return file.end();
}
