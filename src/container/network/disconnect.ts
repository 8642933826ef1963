import { ConflictError, hasCode } from '../../errors.ts';
import type { ContainerContext } from '../context.ts';
import { findContainer } from '../find.ts';
import { whileLocked } from '../lock.ts';
import { writeConfig, writeState } from '../record.ts';
import type { Container } from '../schema.ts';
import { detachOne } from './detach.ts';
import { moveGateway } from './move-gateway.ts';
import { filesIn } from './names.ts';

const ID = /^[0-9a-f]{64}$/;

/**
 * Takes a container off a network, at once and for its next starts. With `force` what is left of a container that does not
 * exist any more, named by its full ID, is released too. Throws ConflictErrors in docker's words.
 */
export async function disconnectContainer(
  context: ContainerContext,
  { network: text, container, force = false }: { network: string; container: string; force?: boolean },
): Promise<void> {
  const { network } = await context.networks.find(text);
  try {
    const { id } = await findContainer(context, container);
    await whileLocked(context, id, (current) => part(context, current, network.name));
  } catch (error) {
    if (!force || !hasCode(error, 'CONTAINER_NOT_FOUND') || !ID.test(container)) throw error;
    await detachOne(context, network.name, { containerId: container });
  }
}

async function part(context: ContainerContext, current: Container, name: string): Promise<void> {
  const { id, config, state } = current;
  if (!config.networks.some(({ network }) => network === name)) throw notConnected(id, name);
  if (name === 'host') {
    const message = 'container cannot be disconnected from host network or connected to host network';
    throw new ConflictError('HOST_NETWORK', message);
  }
  const networks = config.networks.filter(({ network }) => network !== name);
  if (state.attachments) {
    const attachment = state.attachments.find(({ network }) => network.name === name);
    await detachOne(context, name, attachment?.made ?? { containerId: id });
    const rest = state.attachments.filter((one) => one !== attachment);
    await writeState(context.root, id, { ...state, attachments: rest });
    const { network } = await context.networks.find(name);
    await context.networks.clear(network, filesIn(context, id));
    await writeConfig(context.root, { ...config, networks });
    if (attachment?.isGateway) await moveGateway(context, id);
    return;
  }
  await writeConfig(context.root, { ...config, networks });
}

function notConnected(id: string, network: string): ConflictError {
  return new ConflictError('NOT_CONNECTED', `container ${id} is not connected to network ${network}`, {
    hint: 'gocker inspect tells its networks, under NetworkSettings',
  });
}
