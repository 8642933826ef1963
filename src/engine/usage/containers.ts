import { join } from 'node:path';
import { logPathOf } from '../../container/logs/open.ts';
import { directoryOf } from '../../container/paths.ts';
import type { Container } from '../../container/schema.ts';
import { createDiskMeter, type DiskMeter } from '../../layer/disk.ts';
import { namesIn } from '../../store/names-in.ts';
import type { Parts } from '../parts.ts';
import { diskOf } from '../prune/measure.ts';
import { sum } from './images.ts';
import type { Category, ContainerUsage, VolumeUsage } from './types.ts';

/** Each container's own file system, its log, and its records. */
export async function containerUsage(parts: Parts, container: Container): Promise<ContainerUsage> {
  const { id, config, state } = container;
  const folder = directoryOf(parts.root, id);
  const upper = await diskOf(await parts.storage(config.storageDriver), id);
  const logs = sum(logsIn(parts.root, id).map((path) => createDiskMeter(parts.syscalls).measure(path)));
  const rest = createDiskMeter(parts.syscalls).measure(folder) - logs;
  return { container, running: state.status === 'running', upper, logs, rest };
}

/** The log and those that were rotated out. */
function logsIn(root: string, id: string): string[] {
  const folder = directoryOf(root, id);
  const path = logPathOf(root, id);
  return namesIn(folder)
    .map((name) => join(folder, name))
    .filter((one) => one.startsWith(path));
}

export function containersCategory(containers: ContainerUsage[]): Category {
  const size = (some: ContainerUsage[]) => sum(some.map(({ upper, logs, rest }) => upper + logs + rest));
  const running = containers.filter((one) => one.running);
  return {
    total: containers.length,
    active: running.length,
    size: size(containers),
    reclaimable: size(containers.filter((one) => !one.running)),
  };
}

/** What is kept under `volumes/`, whoever has made it. */
export function volumesUsage(root: string, meter: DiskMeter, containers: ContainerUsage[]): VolumeUsage[] {
  const folder = join(root, 'volumes');
  return namesIn(folder)
    .filter((name) => !name.startsWith('.'))
    .map((name) => ({
      name,
      links: containers.filter(({ container }) => mounts(container, join(folder, name))).length,
      size: meter.measure(join(folder, name)),
    }));
}

function mounts({ config }: Container, volume: string): boolean {
  return config.binds.some(({ source }) => source === volume || source.startsWith(`${volume}/`));
}

export function volumesCategory(volumes: VolumeUsage[]): Category {
  const size = (some: VolumeUsage[]) => sum(some.map((volume) => volume.size));
  const unused = volumes.filter(({ links }) => links === 0);
  return {
    total: volumes.length,
    active: volumes.length - unused.length,
    size: size(volumes),
    reclaimable: size(unused),
  };
}
