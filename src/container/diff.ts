import { posix } from 'node:path';
import type { Change, StorageDriver } from '../driver/index.ts';
import { GockerError } from '../errors.ts';
import type { ContainerContext } from './context.ts';
import { findContainer } from './find.ts';
import { ownChanges } from './freeze/changes.ts';

/** Made by gocker where an image lacks them: places to mount at. */
const PLACES = ['/proc', '/sys', '/dev', '/etc/hosts', '/etc/hostname', '/etc/resolv.conf'];

/** What a container's files differ in from its image's, by path. Throws NO_CHANGES_KNOWN where its driver cannot tell. */
export async function diffContainer(context: ContainerContext, text: string): Promise<Change[]> {
  const container = await findContainer(context, text);
  const { config } = container;
  const driver = await context.storage(config.storageDriver);
  if (!hasChanges(driver)) {
    throw new GockerError(
      'NO_CHANGES_KNOWN',
      `the storage driver ${config.storageDriver} does not tell what has changed`,
    );
  }
  const changes = await ownChanges(driver, container);
  const own = changes.filter(({ kind, path }) => kind !== 'deleted' && PLACES.includes(path));
  const touched = new Set(own.map(({ path }) => posix.dirname(path)));
  return changes
    .filter((change) => !own.includes(change))
    .filter(({ path, kind }) => !touched.has(path) || kind === 'deleted' || hasMore(path, changes, own))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function hasChanges(
  driver: StorageDriver,
): driver is StorageDriver & Required<Pick<StorageDriver, 'changes'>> {
  return driver.changes !== undefined;
}

/** A directory that is there only for what gocker put into it does not count. */
function hasMore(path: string, changes: Change[], own: Change[]): boolean {
  return changes.some((change) => change.path.startsWith(`${path}/`) && !own.includes(change));
}
