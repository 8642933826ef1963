import { join } from 'node:path';
import { listContainers } from '../../container/list.ts';
import { imagesOfContainer } from '../../container/volumes/images.ts';
import type { Digest } from '../../image/types.ts';
import { createDiskMeter, type DiskMeter } from '../../layer/disk.ts';
import { NOTES_SUFFIX, PART_SUFFIX } from '../../store/ingest.ts';
import { type Store, storePaths } from '../../store/layout.ts';
import { namesIn } from '../../store/names-in.ts';
import type { Parts } from '../parts.ts';
import { containersCategory, containerUsage, volumesCategory, volumesUsage } from './containers.ts';
import { imagesUsage, sum } from './images.ts';
import type { Category, ContainerUsage, DiskUsage } from './types.ts';

/** `docker system df`: what the root takes on the disk, and for what. Everything in it is looked at. */
export async function readUsage(parts: Parts): Promise<DiskUsage> {
  const store = await parts.store();
  const driver = await parts.storage();
  const meter = createDiskMeter(parts.syscalls);
  const containers: ContainerUsage[] = [];
  for (const container of (await listContainers(parts.containers)).containers)
    containers.push(await containerUsage(parts, container));
  const { category, images, layers } = await imagesUsage({ store, driver, meter, users: users(containers) });
  const volumes = volumesUsage(parts.root, meter, containers);
  const downloads = downloadsOf(store, meter);
  const categories = {
    images: category,
    containers: containersCategory(containers),
    volumes: volumesCategory(volumes),
    downloads: downloadsCategory(downloads),
  };
  const total = createDiskMeter(parts.syscalls).measure(parts.root);
  const known = sum(Object.values(categories).map(({ size }) => size));
  const snapshots = sum(layers.map(({ unpacked }) => unpacked)) + sum(containers.map(({ upper }) => upper));
  const orphans = createDiskMeter(parts.syscalls).measure(join(parts.root, 'storage')) - snapshots;
  return {
    ...{ total, categories, images, layers, containers, volumes, downloads },
    other: Math.max(0, total - known),
    orphans: Math.max(0, orphans),
  };
}

function users(containers: ContainerUsage[]): Map<Digest, number> {
  const counts = new Map<Digest, number>();
  for (const { container } of containers) {
    for (const id of imagesOfContainer(container.config)) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** Parts of blobs with the notes by which they are checked. */
function downloadsOf(store: Store, meter: DiskMeter): DiskUsage['downloads'] {
  const folder = storePaths.ingest(store);
  return namesIn(folder)
    .filter((name) => name.endsWith(PART_SUFFIX))
    .map((name) => name.slice(0, -PART_SUFFIX.length))
    .map((hex) => ({
      digest: `sha256:${hex}`,
      size: sum([PART_SUFFIX, NOTES_SUFFIX].map((end) => meter.measure(join(folder, `${hex}${end}`)))),
    }));
}

function downloadsCategory(downloads: DiskUsage['downloads']): Category {
  const size = sum(downloads.map((one) => one.size));
  return { total: downloads.length, active: 0, size, reclaimable: size };
}
