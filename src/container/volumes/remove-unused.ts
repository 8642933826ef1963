import { rename } from 'node:fs/promises';
import { basename } from 'node:path';
import { AT_FDCWD } from '../../../native/constants.ts';
import { hasCode } from '../../errors.ts';
import { OPEN_DIRECTORY, removeTree } from '../../layer/tree.ts';
import type { ContainerContext } from '../context.ts';
import type { ContainerConfig } from '../schema.ts';
import { whileVolumeLocked } from './hold.ts';
import { type StagedVolume, stagedVolumeDirectory, volumeDirectory, volumesOf } from './paths.ts';
import { volumeNames } from './record.ts';
import { type VolumeUsers, volumeUsers } from './users.ts';

/**
 * Removes a volume that no container has; `inUse` is told of those that have it, or may have it, and then it stays. True
 * when it is gone by this.
 */
export async function removeUnused(
  context: ContainerContext,
  name: string,
  inUse: (users: { ids: string[]; damaged: string[] }) => void = () => undefined,
): Promise<boolean> {
  const staged = await whileVolumeLocked(context, name, async () => {
    const users = usersOf(await volumeUsers(context), name);
    if (users.ids.length + users.damaged.length > 0) {
      inUse(users);
      return undefined;
    }
    const aside: StagedVolume = { stage: 'del', name, owner: context.self, turn: 0 };
    await rename(volumeDirectory(context.root, name), stagedVolumeDirectory(context.root, aside));
    return aside;
  });
  if (staged === undefined) return false;
  deleteStagedVolume(context, staged);
  return true;
}

/** Removes the volumes that came with a container and nobody else has; the container is listed no more. */
export async function removeAnonymousVolumes(
  context: ContainerContext,
  { binds }: Pick<ContainerConfig, 'binds'>,
): Promise<void> {
  for (const { volume } of binds) if (volume?.anonymous) await removeUnused(context, volume.name);
}

/** Goes on with a making or removal that was cut off; leaves alone what a living process is at. */
export async function sweepVolumes(context: ContainerContext): Promise<void> {
  const { staged } = await volumeNames(context.root);
  for (const one of staged) if (!context.runtime.isAlive(one.owner)) deleteStagedVolume(context, one);
}

function deleteStagedVolume({ root, syscalls }: ContainerContext, staged: StagedVolume): void {
  let volumes: number;
  try {
    volumes = syscalls.openat(AT_FDCWD, volumesOf(root), OPEN_DIRECTORY);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  try {
    removeTree(syscalls, volumes, basename(stagedVolumeDirectory(root, staged)));
  } finally {
    syscalls.close(volumes);
  }
}

function usersOf({ byVolume, damaged }: VolumeUsers, name: string) {
  return { ids: (byVolume.get(name) ?? []).map(({ id }) => id), damaged };
}
