import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TmpfsMount } from '../runtime/settings.ts';
import type { BindMount, ContainerPlan, ProcessPlan } from '../runtime/types.ts';
import type { ContainerContext } from './context.ts';
import { planNetwork } from './network/plan.ts';
import { directoryOf } from './paths.ts';
import type { Settings } from './plan/schema.ts';
import type { Container, ContainerConfig } from './schema.ts';
import { presentMounts } from './volumes/mounts.ts';

/** Where the program of --init is inside, as docker has it. */
export const INIT_DESTINATION = '/sbin/docker-init';

/**
 * What the runtime is to do to start a container that has been created, for the first time or again. `size` is that of
 * the terminal at the start. Throws the storage driver's errors, and NETWORK_NOT_FOUND.
 */
export async function planStart(
  context: ContainerContext,
  { id, config, state }: Container,
  size?: ProcessPlan['size'],
): Promise<ContainerPlan> {
  const directory = directoryOf(context.root, id);
  const { settings } = config;
  const { readonlyRootfs: readonly = false } = settings;
  const { network, files, hostname } = await planNetwork(context, config);
  await makeSources(config);
  const mounts = await presentMounts(context, { id, config, state });
  const storage = await context.storage(config.storageDriver);
  return {
    id,
    hostname,
    rootfs: await storage.mounts(id),
    rootDirectory: join(directory, 'rootfs'),
    binds: [...files.map((file) => ({ ...file, readonly })), ...initBinds(config)]
      .filter((file) => !covers(config, file.destination))
      .concat(mounts.binds),
    network,
    limits: config.limits,
    settings: withTmpfs(settings, mounts.tmpfs),
    process: { ...config.process, args: programArgs(config), ...(size ? { size } : {}) },
  };
}

function programArgs({ initProgram, process }: ContainerConfig): string[] {
  return initProgram === undefined ? process.args : [INIT_DESTINATION, '--', ...process.args];
}

function initBinds({ initProgram }: ContainerConfig): BindMount[] {
  if (initProgram === undefined) return [];
  return [{ source: initProgram, destination: INIT_DESTINATION, readonly: true, recursive: false }];
}

/** docker's -v makes a host directory that does not exist. */
async function makeSources(config: ContainerConfig): Promise<void> {
  for (const { source, volume, image, mustExist } of config.binds) {
    if (!volume && !image && !mustExist && !existsSync(source)) await mkdir(source, { recursive: true });
  }
}

/** Volumes in memory are mounts in memory. */
function withTmpfs(settings: Settings, more: TmpfsMount[]): Settings {
  return more.length === 0 ? settings : { ...settings, tmpfs: [...(settings.tmpfs ?? []), ...more] };
}

/** The user's own mount takes the place of ours. */
function covers(config: ContainerConfig, destination: string): boolean {
  return config.binds.some((bind) => bind.destination === destination);
}
