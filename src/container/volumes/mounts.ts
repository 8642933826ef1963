/** What a container has mounted when it starts: volumes by where their files are now, images by their layers. */
import { existsSync } from 'node:fs';
import { ConflictError, GockerError } from '../../errors.ts';
import type { TmpfsMount } from '../../runtime/settings.ts';
import type { BindMount } from '../../runtime/types.ts';
import type { ContainerContext } from '../context.ts';
import type { ContainerBind } from '../plan/schema.ts';
import type { Container } from '../schema.ts';
import { volumeSource } from './options.ts';
import { readVolume } from './record.ts';
import { volumeUsers } from './users.ts';

export interface PresentMounts {
  binds: BindMount[];
  tmpfs: TmpfsMount[];
}

/** Throws VOLUME_GONE when a volume has been taken away by hand, VOLUME_IN_USE for one in memory that another has. */
export async function presentMounts(context: ContainerContext, container: Container): Promise<PresentMounts> {
  const present: PresentMounts = { binds: [], tmpfs: [] };
  for (const [index, bind] of container.config.binds.entries()) {
    if (bind.image) present.binds.push(await imageMount(context, container, { bind, index }));
    else if (bind.volume) await addVolume(context, container, { bind, present });
    else present.binds.push(plain(bind));
  }
  return present;
}

/** The key of the snapshot that shows an image inside a container. */
export function imageViewOf(id: string, index: number): string {
  return `${id}-image-${index}`;
}

async function addVolume(
  context: ContainerContext,
  { id }: Container,
  { bind, present }: { bind: ContainerBind; present: PresentMounts },
): Promise<void> {
  const { name } = bind.volume!;
  const volume = readVolume(context.root, name);
  if (volume === undefined) throw gone(name);
  const source = volumeSource(volume.options);
  if (source.kind === 'tmpfs') {
    await refuseSecond(context, id, name);
    const options = bind.readonly ? [...source.options, 'ro'] : source.options;
    present.tmpfs.push({ destination: bind.destination, options });
  } else if (source.kind === 'bind') {
    if (!existsSync(source.device)) throw noDevice(name, source.device);
    const { readonly: ro, device, recursive } = source;
    present.binds.push({ ...plain(bind), source: device, recursive, readonly: ro || bind.readonly });
  } else {
    present.binds.push({ ...plain(bind), source: volume.mountpoint });
  }
}

/** What is in memory belongs to the mounts of the one container that has it. */
async function refuseSecond(context: ContainerContext, id: string, name: string): Promise<void> {
  const users = (await volumeUsers(context)).byVolume.get(name) ?? [];
  const other = users.find(
    (one) => one.id !== id && one.state.identity && context.runtime.isAlive(one.state.identity),
  );
  if (other === undefined) return;
  throw new ConflictError(
    'VOLUME_IN_USE',
    `volume ${name} is in memory, and container ${other.id.slice(0, 12)} has it: two cannot share it`,
    { hint: 'end the other one first, or use a volume on disk' },
  );
}

async function imageMount(
  context: ContainerContext,
  { id, config }: Container,
  { bind, index }: { bind: ContainerBind; index: number },
): Promise<BindMount> {
  const storage = await context.storage(config.storageDriver);
  const layers = bind.image!.chainID === undefined ? [] : await storage.mounts(imageViewOf(id, index));
  return { ...plain(bind), layers };
}

/** Without what only the record needs. */
function plain(bind: ContainerBind): BindMount {
  const { volume: _1, image: _2, mustExist: _3, mode: _4, ...mount } = bind;
  return mount;
}

function gone(name: string): GockerError {
  return new GockerError('VOLUME_GONE', `volume ${name} of the container is not there any more`, {
    hint: `make it anew: gocker volume create ${name}`,
  });
}

function noDevice(name: string, device: string): GockerError {
  return new GockerError('VOLUME_DEVICE', `the device of volume ${name} does not exist: ${device}`, {
    hint: 'make it, or remove the volume and create it anew',
  });
}
