/** Use-cases about what the root keeps: what it takes, and what of it can go. Loaded when asked for. */
import type { Parts } from './parts.ts';
import type { PrunedImages, PruneOptions } from './prune/images.ts';
import type { PrunedSystem, PruneSystemOptions } from './prune/system.ts';
import type { DiskUsage } from './usage/types.ts';
import type { VerifiedPart, VerifyOptions } from './verify/types.ts';

export type { PrunedImages, PruneOptions } from './prune/images.ts';
export type { PrunedSystem } from './prune/system.ts';
export type { Category, DiskUsage } from './usage/types.ts';
export type { VerifiedPart, VerifyOptions } from './verify/types.ts';

export interface Keeping {
  /** Removes images without a name; with `all` those too that no container uses. */
  pruneImages(options?: PruneOptions): Promise<PrunedImages>;
  /** Removes stopped containers, networks and volumes that none has, images as above, and what unfinished pulls have left. */
  pruneSystem(options?: PruneSystemOptions): Promise<PrunedSystem>;
  /** Holds blobs and unpacked layers against their digests, of all images when none is named; mends them where asked to. */
  verifyImages(images?: readonly string[], options?: VerifyOptions): Promise<VerifiedPart[]>;
  /** What everything takes on the disk. */
  diskUsage(): Promise<DiskUsage>;
}

export function keeping(parts: Parts): Keeping {
  return {
    pruneImages: async (options = {}) => (await import('./prune/images.ts')).pruneImages(parts, options),
    pruneSystem: async (options = {}) => (await import('./prune/system.ts')).pruneSystem(parts, options),
    verifyImages: async (images = [], options = {}) =>
      (await import('./verify/verify.ts')).verifyImages(parts, images, options),
    diskUsage: async () => (await import('./usage/read.ts')).readUsage(parts),
  };
}
