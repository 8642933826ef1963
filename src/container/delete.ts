import { renameSync, rmSync } from 'node:fs';
import { hasCode } from '../errors.ts';
import { noteGarbage } from '../store/collect.ts';
import { unpinSnapshot } from '../store/pins.ts';
import type { ContainerContext } from './context.ts';
import { runDirectoryOf } from './monitor/socket.ts';
import { releaseName } from './names.ts';
import { detachAll } from './network/detach.ts';
import { directoryOf, type Staged, stagedDirectoryOf } from './paths.ts';
import { readStagedConfig, readStagedState, writeState } from './record.ts';
import type { Container, ContainerConfig } from './schema.ts';
import { imageViewOf } from './volumes/mounts.ts';
import { removeAnonymousVolumes } from './volumes/remove-unused.ts';

/**
 * Takes everything of a container away that is not running, with `volumes` those that came with it. The caller holds its
 * lock. Whatever interrupts it, the next command goes on: the directory stays, where nobody lists it, until all else is gone.
 */
export async function deleteContainer(
  context: ContainerContext,
  container: Container,
  { volumes }: { volumes: boolean },
): Promise<void> {
  const { id, config, state } = container;
  await detachAll(context, config, state);
  if (volumes) await writeState(context.root, id, { ...state, removeVolumes: true });
  const staged = await moveAside(context, id);
  if (!staged) return;
  await releaseName(context, config.name, id);
  await deleteStaged(context, staged);
}

/** Makes the container disappear from every list in one step. Undefined when it is gone already. */
export async function moveAside(context: ContainerContext, id: string): Promise<Staged | undefined> {
  const staged: Staged = { stage: 'del', id, owner: context.self };
  try {
    renameSync(directoryOf(context.root, id), stagedDirectoryOf(context.root, staged));
    return staged;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Idempotent. A container that was never published (`new`) has nothing but its directory, cgroups and volumes of its own. */
export async function deleteStaged(context: ContainerContext, staged: Staged): Promise<void> {
  const directory = stagedDirectoryOf(context.root, staged);
  const config = await readStagedConfig(directory);
  await context.runtime.destroy(staged.id);
  if (staged.stage === 'del') {
    rmSync(runDirectoryOf(context.runRoot, staged.id), { recursive: true, force: true });
    await removeSnapshots(context, staged.id, config);
    if (config) await leaveFrozen(context, config);
  }
  const volumesGo = staged.stage === 'new' || (await readStagedState(directory))?.removeVolumes;
  if (config && volumesGo) await removeAnonymousVolumes(context, config);
  rmSync(directory, { recursive: true, force: true });
}

async function removeSnapshots(
  context: ContainerContext,
  id: string,
  config?: ContainerConfig,
): Promise<void> {
  const storage = await context.storage(config?.storageDriver);
  for (const [index, { image }] of (config?.binds ?? []).entries())
    if (image?.chainID) await storage.remove(imageViewOf(id, index));
  await storage.remove(id);
}

/** Layers that were taken out of the container go with the next collection, unless somebody else stands on them. */
async function leaveFrozen({ root }: ContainerContext, { frozen, freezing }: ContainerConfig): Promise<void> {
  if (freezing) unpinSnapshot({ root }, freezing.name);
  if (frozen ?? freezing) await noteGarbage({ root });
}
