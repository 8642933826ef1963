import type { Network } from '../../driver/index.ts';
import type { ContainerContext } from '../context.ts';
import { listDirectories, readContainer } from '../record.ts';
import { isSupervised } from '../running.ts';
import type { Container } from '../schema.ts';

/**
 * The containers that are, or are about to be, on the network, as their records have it. To be asked while the network is used
 * alone: then nobody is half attached. Records are read as they are, since whoever puts one right would wait for the network.
 */
export async function activeOn(
  context: ContainerContext,
  network: Pick<Network, 'id' | 'name'>,
): Promise<Container[]> {
  const { ids } = await listDirectories(context.root);
  const containers = await Promise.all(ids.map((id) => readIfWhole(context, id)));
  return containers
    .filter((container) => container !== undefined)
    .filter((container) => isOn(container, network) && isSupervised(context, container));
}

/** A container on another network of the same name, which was made anew, is not on this one. */
function isOn({ config, state }: Container, { id, name }: Pick<Network, 'id' | 'name'>): boolean {
  if (state.attachments === undefined) return false;
  if (state.attachments.some(({ network }) => network.id === id)) return true;
  const isWanted = config.networks.some(({ network }) => network === name);
  return isWanted && !state.attachments.some(({ network }) => network.name === name);
}

/** One whose record is damaged cannot be asked, and holds nobody up. */
async function readIfWhole(context: ContainerContext, id: string): Promise<Container | undefined> {
  try {
    return await readContainer(context.root, id);
  } catch {
    return undefined;
  }
}
