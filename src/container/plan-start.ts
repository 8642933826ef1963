import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BindMount, ContainerPlan, ProcessPlan } from '../runtime/types.ts';
import type { ContainerContext } from './context.ts';
import { planNetwork } from './network/plan.ts';
import { directoryOf } from './paths.ts';
import type { Container, ContainerConfig } from './schema.ts';

/** Where the program of --init is inside, as docker has it. */
export const INIT_DESTINATION = '/sbin/docker-init';

/**
 * What the runtime is to do to start a container that has been created, for the first time or again. `size` is that of
 * the terminal at the start. Throws the storage driver's errors, and NETWORK_NOT_FOUND.
 */
export async function planStart(
  context: ContainerContext,
  { id, config }: Container,
  size?: ProcessPlan['size'],
): Promise<ContainerPlan> {
  const directory = directoryOf(context.root, id);
  const { settings } = config;
  const { readonlyRootfs: readonly = false } = settings;
  const { network, files, hostname } = await planNetwork(context, config);
  await makeSources(config);
  const storage = await context.storage(config.storageDriver);
  return {
    id,
    hostname,
    rootfs: await storage.mounts(id),
    rootDirectory: join(directory, 'rootfs'),
    binds: [...files.map((file) => ({ ...file, readonly })), ...initBinds(config)]
      .filter((file) => !covers(config, file.destination))
      .concat(config.binds),
    network,
    limits: config.limits,
    settings,
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
  for (const { source } of config.binds) {
    if (!existsSync(source)) await mkdir(source, { recursive: true });
  }
}

/** The user's own mount takes the place of ours. */
function covers(config: ContainerConfig, destination: string): boolean {
  return config.binds.some((bind) => bind.destination === destination);
}
