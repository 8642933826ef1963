import { directoryOf } from '../../container/paths.ts';
import { type Pruned, pruneContainers } from '../../container/prune.ts';
import type { Container } from '../../container/schema.ts';
import { createDiskMeter } from '../../layer/disk.ts';
import { pruneNetworks } from '../networks.ts';
import type { Parts } from '../parts.ts';
import { type PrunedDownloads, pruneDownloads } from './downloads.ts';
import { type PrunedImages, type PruneOptions, pruneImages } from './images.ts';
import { diskOf } from './measure.ts';

export interface PrunedSystem {
  /** IDs. */
  containers: string[];
  /** Names. */
  networks: string[];
  images: PrunedImages;
  downloads: PrunedDownloads;
  /** Bytes of the disk, all together. */
  reclaimed: number;
}

/**
 * `docker system prune`: containers that do not run, networks that none of the others is to be on (their records count as no
 * space, as in docker), then images without a name (with `all`, all that no container uses), and what unfinished pulls have
 * left. A dry run tells what exactly would go.
 */
export async function pruneSystem(parts: Parts, options: PruneOptions): Promise<PrunedSystem> {
  const { dryRun = false, filters = [] } = options;
  await parts.store();
  const measure = (container: Container) => diskOfContainer(parts, container);
  const pruned: Pruned = await pruneContainers(parts.containers, [...filters], { dryRun, measure });
  const leaving = new Set(pruned.deleted);
  const networks = await pruneNetworks(parts, { filters, dryRun, leaving });
  // Filters tell of containers and images; what is left of a pull has neither labels nor age.
  const downloads =
    filters.length === 0
      ? await pruneDownloads(await parts.store(), dryRun)
      : { deleted: [], reclaimed: 0, postponed: false };
  const further = dryRun ? { leaving, withUnfinished: filters.length === 0 && !downloads.postponed } : {};
  const images = await pruneImages(parts, options, further);
  const reclaimed = pruned.reclaimed + downloads.reclaimed + images.reclaimed;
  return { containers: pruned.deleted, networks, images, downloads, reclaimed };
}

/** Its folder, logs included, and its own file system. */
async function diskOfContainer(parts: Parts, { id, config }: Container): Promise<number> {
  const driver = await parts.storage(config.storageDriver);
  return createDiskMeter(parts.syscalls).measure(directoryOf(parts.root, id)) + (await diskOf(driver, id));
}
