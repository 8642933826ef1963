/** Use-cases about images as files; what they need is loaded when one of them is called. */
import type { LoadedImage } from '../archive/load.ts';
import type { ArchiveInput } from '../archive/open.ts';
import type { SaveTarget } from '../archive/save.ts';
import type { LoadResult, SaveOptions } from './archiving.ts';
import type { Parts } from './parts.ts';

export type { LoadResult, SaveOptions } from './archiving.ts';
export type { ArchiveInput, LoadedImage, SaveTarget };

export interface Archives {
  /** Writes images into one archive or folder, with all their blobs as they are. */
  saveImages(images: readonly string[], to: SaveTarget, options?: SaveOptions): Promise<void>;
  /** Takes in all images of an archive or folder; `label` is what messages call it. */
  loadImages(input: ArchiveInput, label: string): Promise<LoadResult[]>;
}

export function archives(parts: Parts): Archives {
  const load = () => import('./archiving.ts');
  return {
    saveImages: async (images, to, options = {}) => (await load()).save(parts, images, { to, ...options }),
    loadImages: async (input, label) => (await load()).load(parts, input, label),
  };
}
