/** Use-cases about images as files; what they need is loaded when one of them is called. */
import type { LoadedImage } from '../archive/load.ts';
import type { ArchiveInput } from '../archive/open.ts';
import type { ArchiveOutput } from '../archive/output.ts';
import type { SaveTarget } from '../archive/save.ts';
import type { ContainerContext } from '../container/context.ts';
import type { Digest } from '../image/types.ts';
import type { ImportOptions, LoadResult, SaveOptions } from './archiving.ts';
import type { Parts } from './parts.ts';

export type { ImportOptions, LoadResult, SaveOptions } from './archiving.ts';
export type { ArchiveInput, ArchiveOutput, LoadedImage, SaveTarget };

export interface Archives {
  /** Writes images into one archive or folder, with all their blobs as they are. */
  saveImages(images: readonly string[], to: SaveTarget, options?: SaveOptions): Promise<void>;
  /** Takes in all images of an archive or folder; `label` is what messages call it. */
  loadImages(input: ArchiveInput, label: string): Promise<LoadResult[]>;
  /** Writes all files of a container, whether it runs or not, as a tar archive; volumes and other mounts are left out. */
  exportContainer(container: string, to: ArchiveOutput): Promise<void>;
  /** Makes an image of a file system: a tar archive (a path, a URL or a stream) or a folder. Resolves to its ID. */
  importImage(source: ArchiveInput, options?: ImportOptions): Promise<Digest>;
}

export function archives(parts: Parts, ready: () => Promise<ContainerContext>): Archives {
  const load = () => import('./archiving.ts');
  return {
    saveImages: async (images, to, options = {}) => (await load()).save(parts, images, { to, ...options }),
    loadImages: async (input, label) => (await load()).load(parts, input, label),
    exportContainer: async (container, to) =>
      (await load()).exportFrom(parts, await ready(), { container, to }),
    importImage: async (source, options = {}) => (await load()).importFrom(parts, source, options),
  };
}
