import { directoryOf } from '../../container/paths.ts';
import { type Pruned, pruneContainers } from '../../container/prune.ts';
import type { Container } from '../../container/schema.ts';
import { volumeDirectory } from '../../container/volumes/paths.ts';
import { type PrunedVolumes, pruneVolumes } from '../../container/volumes/prune.ts';
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
  volumes: string[];
  images: PrunedImages;
  downloads: PrunedDownloads;
  /** Bytes of the disk, all together. */
  reclaimed: number;
}

export interface PruneSystemOptions extends PruneOptions {
  /** Anonymous volumes that no container has, too. */
  volumes?: boolean | undefined;
}

/**
 * `docker system prune`: containers that do not run, networks that none of the others is to be on (their records count as no
 * space, as in docker), then volumes, images without a name (with `all`, all that no container uses), and what unfinished
 * pulls have left. A dry run tells what exactly would go.
 */
export async function pruneSystem(parts: Parts, options: PruneSystemOptions): Promise<PrunedSystem> {
  const { dryRun = false, filters = [] } = options;
  await parts.store();
  const measure = (container: Container) => diskOfContainer(parts, container);
  const pruned: Pruned = await pruneContainers(parts.containers, [...filters], { dryRun, measure });
  const leaving = new Set(dryRun ? pruned.deleted : []);
  const networks = await pruneNetworks(parts, { filters, dryRun, leaving });
  const volumes = await pruneUnusedVolumes(parts, options, leaving);
  const downloads = await pruneLeft(parts, filters, dryRun);
  const withUnfinished = filters.length === 0 && !downloads.postponed;
  const images = await pruneImages(parts, options, dryRun ? { leaving, withUnfinished } : {});
  const reclaimed = pruned.reclaimed + volumes.reclaimed + downloads.reclaimed + images.reclaimed;
  return { containers: pruned.deleted, networks, volumes: volumes.deleted, images, downloads, reclaimed };
}

async function pruneUnusedVolumes(
  parts: Parts,
  { volumes = false, filters = [], dryRun = false }: PruneSystemOptions,
  leaving: ReadonlySet<string>,
): Promise<PrunedVolumes> {
  if (!volumes) return { deleted: [], reclaimed: 0 };
  const meter = createDiskMeter(parts.syscalls);
  const measure = (name: string) => meter.measure(volumeDirectory(parts.root, name));
  return await pruneVolumes(parts.containers, { filters: [...filters], dryRun, leaving, measure });
}

/** Filters tell of containers and images; what is left of a pull has neither labels nor age. */
async function pruneLeft(
  parts: Parts,
  filters: readonly string[],
  dryRun: boolean,
): Promise<PrunedDownloads> {
  if (filters.length > 0) return { deleted: [], reclaimed: 0, postponed: false };
  return await pruneDownloads(await parts.store(), dryRun);
}

/** Its folder, logs included, and its own file system. */
async function diskOfContainer(parts: Parts, { id, config }: Container): Promise<number> {
  const driver = await parts.storage(config.storageDriver);
  return createDiskMeter(parts.syscalls).measure(directoryOf(parts.root, id)) + (await diskOf(driver, id));
}
