import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { EXIT, GockerError, hasCode } from '../errors.ts';

/** The file of --cidfile: it is taken before the container is made, and goes away when none is. */
export interface CidFile {
  write(id: string): void;
  /** Removes a file that no ID was written to. */
  close(): void;
}

/** Throws CIDFILE_EXISTS, or what opening the file says. */
export function openCidFile(path: string | undefined): CidFile {
  if (path === undefined) return { write: () => undefined, close: () => undefined };
  const fd = create(path);
  let isWritten = false;
  return {
    write(id) {
      writeSync(fd, id);
      isWritten = true;
    },
    close() {
      closeSync(fd);
      if (!isWritten) unlinkSync(path);
    },
  };
}

function create(path: string): number {
  try {
    return openSync(path, 'wx', 0o644);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    throw new GockerError('CIDFILE_EXISTS', `the container ID file ${path} is there already`, {
      hint: 'remove it, or give another',
      exitCode: EXIT.ENGINE,
    });
  }
}
