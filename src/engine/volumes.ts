/** Use-cases about volumes. */
import type { ContainerContext } from '../container/context.ts';
import { ensureVolume } from '../container/volumes/create.ts';
import { listVolumes, type VolumeList } from '../container/volumes/list.ts';
import { anonymousName } from '../container/volumes/name.ts';
import { type PrunedVolumes, pruneVolumes } from '../container/volumes/prune.ts';
import { ANONYMOUS, requireVolume, type Volume } from '../container/volumes/record.ts';
import { removeVolume } from '../container/volumes/remove.ts';

export interface CreateVolumeOptions {
  /** Without one it is anonymous, and goes with `volume prune`. */
  name?: string;
  labels?: Record<string, string>;
  /** docker's `local` options: `type`, `o`, `device`. */
  options?: Record<string, string>;
}

export type VolumeInspection = ReturnType<typeof inspectVolume>;

export interface Volumes {
  /** The volume's name; one that is there already stays as it is. */
  createVolume(options?: CreateVolumeOptions): Promise<string>;
  /** By name; filters are docker's `dangling`, `driver`, `label`, `name`. */
  listVolumes(filters?: string[]): Promise<VolumeList>;
  inspectVolume(name: string): Promise<VolumeInspection>;
  /** With all that is in it; refused while a container has it. */
  removeVolume(name: string): Promise<void>;
  pruneVolumes(options?: { all?: boolean; filters?: string[] }): Promise<PrunedVolumes>;
  /** As a tar archive. */
  exportVolume(name: string, to: NodeJS.WritableStream): Promise<void>;
  importVolume(name: string, from: AsyncIterable<Buffer>): Promise<void>;
}

export function volumesOf(ready: () => Promise<ContainerContext>): Volumes {
  return {
    createVolume: async (options = {}) => create(await ready(), options),
    listVolumes: async (filters) => listVolumes(await ready(), filters),
    inspectVolume: async (name) => inspectVolume(requireVolume((await ready()).root, name)),
    removeVolume: async (name) => removeVolume(await ready(), name),
    pruneVolumes: async (options) => pruneVolumes(await ready(), options),
    exportVolume: async (name, to) => (await archives()).exportVolume(await ready(), name, to),
    importVolume: async (name, from) => (await archives()).importVolume(await ready(), name, from),
  };
}

/** Archives take their time to load, and most commands never need them. */
const archives = () => import('../container/volumes/archive.ts');

async function create(context: ContainerContext, { name, ...rest }: CreateVolumeOptions): Promise<string> {
  if (name !== undefined) return (await ensureVolume(context, { name, ...rest })).name;
  const labels = { ...rest.labels, [ANONYMOUS]: '' };
  return (await ensureVolume(context, { name: anonymousName(), ...rest, labels })).name;
}

/** A volume with docker's keys (the Engine API's VolumeInspect). */
export function inspectVolume({ name, created, labels, options, mountpoint }: Volume) {
  return {
    CreatedAt: created.replace(/\.\d+Z$/, 'Z'),
    Driver: 'local',
    Labels: orNull(labels),
    Mountpoint: mountpoint,
    Name: name,
    Options: orNull(options),
    Scope: 'local',
  };
}

function orNull<T extends object>(record: T): T | null {
  return Object.keys(record).length === 0 ? null : record;
}
