import { join } from 'node:path';
import { hasCode } from '../../errors.ts';
import type { ContainerContext } from '../context.ts';
import { ensureVolume, type NewVolume } from './create.ts';
import { volumeDirectory } from './paths.ts';

/**
 * Runs `work` while nobody else fills or removes the volume, with `shared` beside others that only keep it from being removed;
 * undefined, without running anything, when there is none.
 */
export async function whileVolumeLocked<T>(
  context: ContainerContext,
  name: string,
  work: () => Promise<T>,
  { shared = false } = {},
): Promise<T | undefined> {
  return await locked(context, name, { shared, work });
}

/** Runs `work` while the volumes exist: those that are missing are made, and none is removed until it is over. */
export async function holdingVolumes<T>(
  context: ContainerContext,
  volumes: NewVolume[],
  work: () => Promise<T>,
): Promise<T> {
  const [first, ...rest] = volumes;
  if (first === undefined) return await work();
  for (;;) {
    await ensureVolume(context, first);
    const inside = async () => ({ result: await holdingVolumes(context, rest, work) });
    const held = await locked(context, first.name, { shared: true, work: inside });
    if (held !== undefined) return held.result;
  }
}

async function locked<T>(
  context: ContainerContext,
  name: string,
  { shared, work }: { shared: boolean; work(): Promise<T> },
): Promise<T | undefined> {
  let held = false;
  const path = join(volumeDirectory(context.root, name), 'lock');
  const begin = async () => {
    held = true;
    return await work();
  };
  try {
    return await context.withLock(path, begin, { shared });
  } catch (error) {
    if (!held && hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
