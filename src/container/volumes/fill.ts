/** What an image has where a volume goes: an empty volume begins with a copy of it. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { AT_FDCWD, RENAME } from '../../../native/constants.ts';
import { hasCode } from '../../errors.ts';
import { copyRootLooks } from '../../layer/copy/looks.ts';
import { copyTree } from '../../layer/copy/tree.ts';
import { namesIn, OPEN_DIRECTORY, removeTree } from '../../layer/tree.ts';
import { locateIfPresent } from '../../runtime/init/in-root.ts';
import type { ContainerContext } from '../context.ts';
import { directoryOf } from '../paths.ts';
import type { ContainerBind } from '../plan/schema.ts';
import type { Container } from '../schema.ts';
import { whileVolumeLocked } from './hold.ts';
import { volumeSource } from './options.ts';
import { volumeDirectory } from './paths.ts';
import { readVolume } from './record.ts';

/**
 * Fills the volumes of a new container that are empty, as docker does: with the image's files of that place, or at least
 * with its owner and mode. Links of the image lead nowhere but inside its root.
 */
export async function fillVolumes(context: ContainerContext, container: Container): Promise<void> {
  for (const bind of container.config.binds) {
    if (!isFilled(bind) || !isWanting(context, bind.volume!.name)) continue;
    await whileVolumeLocked(context, bind.volume!.name, () => fill(context, container, bind));
  }
}

function isFilled({ volume, subpath }: ContainerBind): boolean {
  return volume !== undefined && !volume.nocopy && subpath === undefined;
}

/** Where a volume is filled: in place, or beside it first. */
interface Place {
  data: string;
  /** Made whole before anything of it is in the volume. */
  staged?: string;
}

function placeOf({ root }: ContainerContext, name: string): Place | undefined {
  const volume = readVolume(root, name);
  const source = volume && volumeSource(volume.options);
  if (source === undefined || source.kind === 'tmpfs') return undefined;
  if (source.kind === 'bind') return source.readonly ? undefined : { data: source.device };
  return { data: volume!.mountpoint, staged: join(volumeDirectory(root, name), 'copy') };
}

function isWanting(context: ContainerContext, name: string): boolean {
  const place = placeOf(context, name);
  if (place === undefined) return false;
  if (place.staged !== undefined && existsSync(place.staged)) return true;
  try {
    return readdirSync(place.data).length === 0;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}

/** With the volume's lock held; somebody else may have been first. */
async function fill(context: ContainerContext, container: Container, bind: ContainerBind): Promise<void> {
  const place = placeOf(context, bind.volume!.name);
  if (place === undefined || !isWanting(context, bind.volume!.name)) return;
  const { data, staged } = place;
  const isEmpty = readdirSync(data).length === 0;
  if (staged === undefined) {
    await copyFromImage(context, container, { bind, to: data });
    return;
  }
  if (isEmpty && !existsSync(staged)) {
    await stage(context, container, { bind, staged });
    if (!existsSync(staged)) return;
  }
  moveIn(context, staged, data);
}

async function stage(
  context: ContainerContext,
  container: Container,
  { bind, staged }: { bind: ContainerBind; staged: string },
): Promise<void> {
  const unfinished = `${staged}.unfinished`;
  removeTree(context.syscalls, AT_FDCWD, unfinished);
  mkdirSync(unfinished, { mode: 0o755 });
  const copied = await copyFromImage(context, container, { bind, to: unfinished });
  if (copied) renameSync(unfinished, staged);
  else rmdirSync(unfinished);
}

/** False when the image has no directory there. */
async function copyFromImage(
  { runtime, root, syscalls, storage }: ContainerContext,
  { id, config }: Container,
  { bind, to }: { bind: ContainerBind; to: string },
): Promise<boolean> {
  const mounts = await (await storage(config.storageDriver)).mounts(id);
  const image = await runtime.copy.openStopped({
    mounts,
    directory: join(directoryOf(root, id), 'rootfs'),
    binds: [],
  });
  try {
    const found = locateIfPresent({ syscalls, fd: image }, bind.destination);
    if (found === undefined) return false;
    try {
      return copyDirectory(syscalls, found, to);
    } finally {
      syscalls.close(found);
    }
  } finally {
    runtime.copy.close(image);
  }
}

function copyDirectory(syscalls: ContainerContext['syscalls'], found: number, to: string): boolean {
  let directory: number;
  try {
    directory = syscalls.openat(found, '.', OPEN_DIRECTORY);
  } catch (error) {
    if (hasCode(error, 'ENOTDIR')) return false;
    throw error;
  }
  const target = syscalls.openat(AT_FDCWD, to, OPEN_DIRECTORY);
  try {
    copyTree(syscalls, directory, target);
    return true;
  } finally {
    for (const fd of [directory, target]) syscalls.close(fd);
  }
}

/** A killed process leaves what is not moved yet, and the next one goes on; what a container has written meanwhile stays. */
function moveIn({ syscalls }: ContainerContext, staged: string, data: string): void {
  const from = syscalls.openat(AT_FDCWD, staged, OPEN_DIRECTORY);
  const to = syscalls.openat(AT_FDCWD, data, OPEN_DIRECTORY);
  try {
    for (const name of namesIn(from)) moveOne(syscalls, { from, to, name });
  } finally {
    for (const fd of [from, to]) syscalls.close(fd);
  }
  copyRootLooks(syscalls, staged, data);
  rmdirSync(staged);
}

function moveOne(
  syscalls: ContainerContext['syscalls'],
  { from, to, name }: { from: number; to: number; name: Buffer },
): void {
  try {
    syscalls.renameat2(from, name, to, name, RENAME.NOREPLACE);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    removeTree(syscalls, from, name);
  }
}
