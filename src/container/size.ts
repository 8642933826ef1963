import type { ChainID, StorageDriver } from '../driver/index.ts';
import type { Container } from './schema.ts';

/** Bytes of a container's own files, and of the image it stands on. */
export interface ContainerSize {
  own: number;
  image: number;
}

/** Counts the container's files; those of the image were counted when it came. */
export async function sizeOf(driver: StorageDriver, { id, config }: Container): Promise<ContainerSize> {
  const { bytes: own } = await driver.usage(id);
  let image = 0;
  for (let name = config.image.chainID; name !== undefined; name = (await driver.stat(name))?.parent) {
    image += (await driver.usage(name as ChainID)).bytes;
  }
  return { own, image };
}
