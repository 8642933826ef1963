import type { ChainID, StorageDriver } from '../driver/index.ts';
import { ownSnapshots } from './freeze/changes.ts';
import type { Container } from './schema.ts';

/** Bytes of a container's own files, and of the image it stands on. */
export interface ContainerSize {
  own: number;
  image: number;
}

/** Counts the container's files; those of the image were counted when it came. */
export async function sizeOf(driver: StorageDriver, container: Container): Promise<ContainerSize> {
  const { config } = container;
  let own = 0;
  for (const name of ownSnapshots(container)) own += (await driver.usage(name)).bytes;
  let image = 0;
  for (let name = config.image.chainID; name !== undefined; name = (await driver.stat(name))?.parent) {
    image += (await driver.usage(name as ChainID)).bytes;
  }
  return { own, image };
}
