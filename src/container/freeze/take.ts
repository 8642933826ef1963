import { randomBytes } from 'node:crypto';
import type { ChainID } from '../../driver/index.ts';
import { ConflictError } from '../../errors.ts';
import { pinSnapshot } from '../../store/pins.ts';
import type { ContainerContext } from '../context.ts';
import { whileLocked } from '../lock.ts';
import { writeConfig } from '../record.ts';
import { isSupervised, runningIdentity } from '../running.ts';
import type { Container, FrozenLayer } from '../schema.ts';
import { copyFiles } from './copy.ts';
import { finishFreeze } from './finish.ts';

export interface TakeOptions {
  id: string;
  /** Stops its processes while its files are copied, when it runs. */
  pause: boolean;
  /** Keys of snapshots that are removed when this process dies begin with it. */
  keyPrefix: string;
  /** The name of the snapshot that the new layer, whose digest is the last, makes on top of the others. Throws to stop it all. */
  nameOf(container: Container, digests: string[]): string;
}

/** A container, and all layers between its image and its own files as they were. */
export interface Taken<T> {
  container: Container;
  layers: FrozenLayer[];
  result: T;
}

/**
 * Makes a layer of the files of a container, which goes on as it was. When it is stopped they become the layer as they are:
 * nothing is copied, and the container gets empty ones on top. While it runs its files cannot be taken away, and are copied.
 * `use` sees the layer, which stays at least until it has ended. Throws a ConflictError when the container is gone.
 */
export async function takeLayer<T>(
  context: ContainerContext,
  options: TakeOptions,
  use: (taken: Omit<Taken<T>, 'result'>) => Promise<T>,
): Promise<T> {
  const done = await whileLocked(context, options.id, async (current) => {
    const container = { ...current, config: await finishFreeze(context, current) };
    const layers = await layersOf(context, container, options);
    return { result: await use({ container, layers }) };
  });
  if (done) return done.result;
  throw new ConflictError('CONTAINER_GONE', `container ${options.id.slice(0, 12)} was removed meanwhile`);
}

async function layersOf(
  context: ContainerContext,
  container: Container,
  options: TakeOptions,
): Promise<FrozenLayer[]> {
  const { frozen = [] } = container.config;
  const digest = `sha256:${randomBytes(32).toString('hex')}`;
  const name = options.nameOf(container, [...frozen.map((layer) => layer.digest), digest]);
  const layer = { digest, name };
  const isBusy = isSupervised(context, container) || runningIdentity(context, container) !== undefined;
  if (isBusy) await copyFiles(context, { container, name: name as ChainID, ...options });
  else await freeze(context, container, layer);
  return [...frozen, layer];
}

/** The record says what is about to happen before it does. */
async function freeze(
  context: ContainerContext,
  { id, config }: Container,
  layer: FrozenLayer,
): Promise<void> {
  const driver = await context.storage(config.storageDriver);
  const freezing = { ...config, freezing: layer };
  await writeConfig(context.root, freezing);
  pinSnapshot(context, layer.name);
  await driver.commit(id, layer.name as ChainID);
  await finishFreeze(context, { id, config: freezing });
}
