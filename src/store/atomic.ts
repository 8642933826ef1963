import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Replaces a file so that a reader, and a machine that loses power, sees the old content or the new one and nothing
 * between: a temporary file in `folder` (beside it, when none is said), fsync(2), rename(2). Mode 0600. Of two writers at
 * once the later one wins.
 */
export async function writeFileAtomic(
  path: string,
  data: string | Buffer,
  folder: string = dirname(path),
): Promise<void> {
  const temporary = join(folder, `${basename(path)}.${process.pid}.${counter++}.tmp`);
  try {
    await writeSynced(temporary, data);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

let counter = 0;

async function writeSynced(path: string, data: string | Buffer): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A name is on disk when its directory is. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
