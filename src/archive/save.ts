import { markPull } from '../store/ingest.ts';
import type { Store } from '../store/layout.ts';
import { layoutOf, type SavedImage } from './contents.ts';
import { type ArchiveOutput, writeOutput } from './output.ts';
import { writeFolder } from './write-folder.ts';
import { tarOf } from './write-tar.ts';

export type { SavedImage } from './contents.ts';

/** Where to: a tar archive, or a new folder. */
export type SaveTarget = { archive: ArchiveOutput } | { folder: string };

/**
 * `docker save`: writes images out as they are, every blob byte for byte. Throws DIGEST_MISMATCH for a damaged blob,
 * BLOB_NOT_FOUND for one that is gone, FOLDER_NOT_EMPTY, and what the file system says. Nothing is removed from the store meanwhile.
 */
export async function saveImages(store: Store, images: readonly SavedImage[], to: SaveTarget): Promise<void> {
  const mark = await markPull(store);
  try {
    const layout = layoutOf(store, images);
    if ('folder' in to) await writeFolder(store, layout, to.folder);
    else await writeOutput(tarOf(store, layout), to.archive);
  } finally {
    mark.done();
  }
}
