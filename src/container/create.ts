import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { ChainID } from '../driver/index.ts';
import { hasCode } from '../errors.ts';
import type { Image } from '../image/types.ts';
import type { ContainerContext } from './context.ts';
import { deleteContainer, deleteStaged } from './delete.ts';
import { listContainers } from './list.ts';
import { whileLocked } from './lock.ts';
import { checkName, releaseName, reserveName } from './names.ts';
import { resolveNetworks } from './network/resolve.ts';
import { directoryOf, type Staged, stagedDirectoryOf } from './paths.ts';
import { type CreateOptions, planContainer } from './plan.ts';
import { writeStaged } from './record.ts';
import { type Container, type ContainerConfig, type ContainerState, RECORD_VERSION } from './schema.ts';
import { volumesToMake, withMounts } from './volumes/asked.ts';
import { fillVolumes } from './volumes/fill.ts';
import { holdingVolumes } from './volumes/hold.ts';
import { imageViewOf } from './volumes/mounts.ts';

export interface CreateRequest {
  options: CreateOptions;
  image: Image;
  /** As the user named the image. */
  reference: string;
  storageDriver: string;
  /** Told the container's ID before anything is made of it but an empty directory. */
  onID?(id: string): void;
  /** Lets go of the image, when the container's record says that it is used or there will be none. */
  release?(): void;
}

/** A request whose networks are known. */
interface Resolved extends CreateRequest {
  sharedHostname: string;
}

/**
 * Makes the record, the name and the file system of a container, which is in this process's charge then. Nothing is left
 * of it when this throws: a ConflictError for a taken name, UsageErrors for what cannot be, the storage driver's errors.
 */
export async function createContainer(context: ContainerContext, request: CreateRequest): Promise<Container> {
  try {
    return await createRequested(context, request);
  } finally {
    request.release?.();
  }
}

async function createRequested(context: ContainerContext, request: CreateRequest): Promise<Container> {
  const granted = whatHostGrants(context, request.options);
  if (granted.name !== undefined) checkName(granted.name);
  const { options: known, sharedHostname } = await resolveNetworks(context, granted);
  const options = await withMounts(context, known, request.image);
  const resolved = { ...request, options, sharedHostname };
  const container = await createPlanned(context, {
    name: options.name,
    plan: (chosen) => planned(context, resolved, chosen),
    ...(request.onID ? { onID: request.onID } : {}),
  });
  request.options.onCreated?.(container.id);
  return container;
}

/** What a new container is like. */
export interface NewContainer {
  /** One is made up without it. */
  name: string | undefined;
  plan(chosen: { id: string; name: string }): ContainerConfig;
  onID?(id: string): void;
}

/** The same for a container that has been planned otherwise. */
export async function createPlanned(context: ContainerContext, wanted: NewContainer): Promise<Container> {
  if (wanted.name !== undefined) checkName(wanted.name);
  const container = await publish(context, wanted);
  try {
    await prepare(context, container);
    return container;
  } catch (error) {
    await whileLocked(context, container.id, (current) =>
      deleteContainer(context, current, { volumes: true }),
    );
    throw error;
  }
}

/** The options without what this host cannot do, each with a warning. */
function whatHostGrants({ runtime, log }: ContainerContext, options: CreateOptions): CreateOptions {
  const { limits = {}, ulimits, oomScoreAdj } = options;
  const { warnings, ...granted } = runtime.grant({ limits, ulimits, oomScoreAdj });
  for (const warning of warnings) log(`WARNING: ${warning}`);
  return { ...options, ...granted } as CreateOptions;
}

/** A record that appears whole or not at all: it is written aside, and renamed when it has its name. */
async function publish(context: ContainerContext, wanted: NewContainer): Promise<Container> {
  const id = randomBytes(32).toString('hex');
  const staged: Staged = { stage: 'new', id, owner: context.self };
  const directory = stagedDirectoryOf(context.root, staged);
  const state: ContainerState = { version: RECORD_VERSION, status: 'created', supervisor: context.self };
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  wanted.onID?.(id);
  let name: string | undefined;
  try {
    wanted.plan({ id, name: wanted.name ?? 'unnamed' });
    name = await takeName(context, id, wanted.name);
    const config = wanted.plan({ id, name });
    await writeStaged(directory, { config, state });
    await holdingVolumes(context, volumesToMake(config), async () =>
      renameSync(directory, directoryOf(context.root, id)),
    );
    return { id, config, state };
  } catch (error) {
    if (name !== undefined) await releaseName(context, name, id);
    await deleteStaged(context, staged);
    throw error;
  }
}

/** The holder of a name may be dead without anybody knowing: then a look at all containers sets it free. */
async function takeName(context: ContainerContext, id: string, wanted?: string): Promise<string> {
  try {
    return await reserveName(context, id, wanted);
  } catch (error) {
    if (!hasCode(error, 'NAME_IN_USE')) throw error;
    await listContainers(context);
    return await reserveName(context, id, wanted);
  }
}

function planned(
  context: ContainerContext,
  request: Resolved,
  chosen: { id: string; name: string },
): ContainerConfig {
  const { options, image, reference, storageDriver, sharedHostname } = request;
  const birth = { ...chosen, created: context.now(), image, reference, storageDriver };
  const available = context.runtime.capabilities();
  return planContainer(options, { ...birth, sharedHostname, available });
}

/** The container's own file system, the empty directory that it is mounted on inside, and what its volumes begin with. */
async function prepare(context: ContainerContext, container: Container): Promise<void> {
  const { id, config } = container;
  mkdirSync(join(directoryOf(context.root, id), 'rootfs'), { mode: 0o700 });
  const storage = await context.storage(config.storageDriver);
  await storage.prepare(id, (config.frozen?.at(-1)?.name ?? config.image.chainID) as ChainID | undefined);
  for (const [index, { image }] of config.binds.entries()) {
    if (image?.chainID) await storage.view(imageViewOf(id, index), image.chainID as ChainID);
  }
  await fillVolumes(context, container);
}
