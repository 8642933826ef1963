import { ConflictError, NotFoundError } from '../../errors.ts';
import { printable } from '../../image/printable.ts';
import type { ContainerContext } from '../context.ts';
import { listContainers } from '../list.ts';
import { volumeNames } from './record.ts';
import { removeUnused } from './remove-unused.ts';

/** Removes a volume with all that is in it. Throws a NotFoundError, a ConflictError while a container has it. */
export async function removeVolume(context: ContainerContext, name: string): Promise<void> {
  await listContainers(context);
  const { names } = await volumeNames(context.root);
  const removed = names.includes(name) && (await removeUnused(context, name, (users) => refuse(name, users)));
  if (removed) return;
  throw new NotFoundError('VOLUME_NOT_FOUND', `get ${printable(name)}: no such volume`, {
    hint: 'there are those of: gocker volume ls',
  });
}

function refuse(name: string, { ids, damaged }: { ids: string[]; damaged: string[] }): never {
  if (ids.length > 0) {
    throw new ConflictError('VOLUME_IN_USE', `remove ${name}: volume is in use - [${ids.join(', ')}]`, {
      hint: `remove the container first: gocker rm ${ids[0]!.slice(0, 12)}`,
    });
  }
  throw new ConflictError(
    'VOLUME_IN_USE',
    `remove ${name}: the record of container ${damaged[0]!.slice(0, 12)} is damaged, and it may have the volume`,
    { hint: `remove that container first: gocker rm -f ${damaged[0]!.slice(0, 12)}` },
  );
}
