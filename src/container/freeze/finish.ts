import type { ChainID, StorageDriver } from '../../driver/index.ts';
import { NotFoundError } from '../../errors.ts';
import { unpinSnapshot } from '../../store/pins.ts';
import type { ContainerContext } from '../context.ts';
import { writeConfig } from '../record.ts';
import type { Container, ContainerConfig } from '../schema.ts';

/**
 * The second half of freezing a container, wherever the first one was cut off: when its files have become a layer, it gets
 * empty ones on top of that, and the record says so; else nothing has happened. The caller holds the container's lock.
 */
export async function finishFreeze(
  context: ContainerContext,
  { id, config }: Pick<Container, 'id' | 'config'>,
): Promise<ContainerConfig> {
  const { freezing, ...rest } = config;
  if (!freezing) return config;
  const driver = await context.storage(config.storageDriver);
  const isFrozen = (await driver.stat(freezing.name)) !== undefined;
  if (isFrozen) await prepareAnew(driver, id, freezing.name as ChainID);
  const next = isFrozen ? { ...rest, frozen: [...(config.frozen ?? []), freezing] } : rest;
  await writeConfig(context.root, next);
  unpinSnapshot(context, freezing.name);
  return next;
}

/** A killed process may have got as far as the name and no further: then nobody has ever written into it. */
async function prepareAnew(driver: StorageDriver, id: string, parent: ChainID): Promise<void> {
  try {
    await driver.mounts(id);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    await driver.remove(id);
    await driver.prepare(id, parent);
  }
}
