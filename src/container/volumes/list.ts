import { GockerError } from '../../errors.ts';
import type { ContainerContext } from '../context.ts';
import { listContainers } from '../list.ts';
import { parseVolumeFilters, type VolumeFilters } from './filter.ts';
import { readVolume, type Volume, volumeNames } from './record.ts';
import { volumeUsers } from './users.ts';

export interface VolumeSummary {
  volume: Volume;
  /** IDs of the containers that have it. */
  users: string[];
}

export interface VolumeList {
  /** By name. */
  volumes: VolumeSummary[];
  /** Those whose record cannot be read. */
  damaged: { name: string; error: GockerError }[];
}

/** All volumes that fit the filters. What dead processes left is put in order on the way. */
export async function listVolumes(context: ContainerContext, filters: string[] = []): Promise<VolumeList> {
  const fits = parseVolumeFilters(filters);
  await listContainers(context);
  const { byVolume } = await volumeUsers(context);
  const list: VolumeList = { volumes: [], damaged: [] };
  for (const name of (await volumeNames(context.root)).names) {
    try {
      const volume = readVolume(context.root, name);
      if (volume) list.volumes.push({ volume, users: (byVolume.get(name) ?? []).map(({ id }) => id) });
    } catch (error) {
      if (!(error instanceof GockerError)) throw error;
      list.damaged.push({ name, error });
    }
  }
  return { ...list, volumes: list.volumes.filter((one) => matches(fits, one)) };
}

function matches(fits: VolumeFilters, summary: VolumeSummary): boolean {
  return fits.every((condition) => condition(summary));
}
