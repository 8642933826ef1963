import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { ConflictError } from '../errors.ts';
import { quoted } from '../image/printable.ts';
import type { Store } from '../store/layout.ts';
import { blobBytes } from './blob-bytes.ts';
import type { LayoutFile } from './contents.ts';

/**
 * A layout as a folder, which is made or is empty; index.json comes last. Throws FOLDER_NOT_EMPTY. When it fails, nothing
 * is left of it.
 */
export async function writeFolder(store: Store, layout: readonly LayoutFile[], path: string): Promise<void> {
  const made = mkdirSync(path, { recursive: true });
  if (readdirSync(path).length > 0) {
    throw new ConflictError('FOLDER_NOT_EMPTY', `folder ${quoted(path)} is not empty`, {
      hint: 'name one that is empty or not there',
    });
  }
  try {
    mkdirSync(join(path, 'blobs/sha256'), { recursive: true });
    const isIndex = ({ name }: LayoutFile) => name === 'index.json';
    const ordered = [...layout.filter((file) => !isIndex(file)), ...layout.filter(isIndex)];
    for (const file of ordered) await writeFile(store, file, path);
  } catch (error) {
    for (const name of readdirSync(path)) rmSync(join(path, name), { recursive: true });
    if (made !== undefined) rmSync(made, { recursive: true });
    throw error;
  }
}

async function writeFile(store: Store, file: LayoutFile, folder: string): Promise<void> {
  const handle = await open(join(folder, file.name), 'wx', 0o644);
  try {
    const source = 'blob' in file ? blobBytes(store, file.blob) : [file.bytes];
    for await (const bytes of source) await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
