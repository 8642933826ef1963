import type { StorageDriver } from '../../driver/index.ts';
import { createDiskMeter } from '../../layer/disk.ts';
import type { Garbage } from '../../store/collect.ts';
import { type Store, storePaths } from '../../store/layout.ts';

/** Bytes of the disk that a snapshot takes. */
export async function diskOf(driver: StorageDriver, name: string): Promise<number> {
  return driver.disk === undefined ? (await driver.usage(name)).bytes : await driver.disk(name);
}

/** Bytes of the disk that will be free when the garbage is gone. */
export async function measureGarbage(
  { store, driver }: { store: Store; driver: StorageDriver },
  { blobs, snapshots }: Garbage,
): Promise<number> {
  const meter = createDiskMeter(store.syscalls);
  let bytes = 0;
  for (const digest of blobs) bytes += meter.measure(storePaths.blob(store, digest));
  for (const name of snapshots) bytes += await diskOf(driver, name);
  return bytes;
}
