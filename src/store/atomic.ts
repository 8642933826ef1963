import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface AtomicOptions {
  /** Where the temporary file is made; beside the file when absent. */
  folder?: string;
  /** `false` where a loss of power may lose the file: then nothing waits for the disk, nor for a thread that writes. */
  durable?: boolean;
}

/**
 * Replaces a file so that a reader, and a machine that loses power, sees the old content or the new one and nothing
 * between: a temporary file, fsync(2), rename(2). Mode 0600. Of two writers at once the later one wins.
 */
export async function writeFileAtomic(
  path: string,
  data: string | Buffer,
  { folder = dirname(path), durable = true }: AtomicOptions = {},
): Promise<void> {
  const temporary = join(folder, `${basename(path)}.${process.pid}.${counter++}.tmp`);
  try {
    if (durable) await writeDurably(temporary, data);
    else writeFileSync(temporary, data, { mode: 0o600 });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  if (durable) await syncDirectory(dirname(path));
}

let counter = 0;

async function writeDurably(path: string, data: string | Buffer): Promise<void> {
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
