import { ConflictError } from '../../errors.ts';
import type { ContainerContext } from '../context.ts';
import { findContainer } from '../find.ts';
import { whileLocked } from '../lock.ts';
import { checkEndpoint, type EndpointOptions, planEndpoint } from '../plan/networks.ts';
import { writeConfig, writeState } from '../record.ts';
import { runningIdentity } from '../running.ts';
import type { Container, ContainerConfig, EndpointConfig } from '../schema.ts';
import { attachOne } from './attach.ts';
import { detachOne } from './detach.ts';
import { joinedId } from './joined.ts';

/**
 * Puts a container on one more network: at once when it runs, and at each start from then on. Throws ConflictErrors in
 * docker's words, and the driver's errors; all is as before then.
 */
export async function connectContainer(
  context: ContainerContext,
  text: string,
  options: EndpointOptions,
): Promise<void> {
  const { network } = await context.networks.find(options.network);
  const endpoint = planEndpoint({ ...options, network: network.name });
  checkEndpoint(endpoint);
  const { id } = await findContainer(context, text);
  await whileLocked(context, id, async (current) => {
    checkConnectable(current.config, network.name);
    const config = { ...current.config, networks: [...current.config.networks, endpoint] };
    // From now on whoever cleans up after a crash knows of it.
    await writeConfig(context.root, config);
    try {
      await attachLive(context, { ...current, config }, endpoint);
    } catch (error) {
      if (current.state.attachments) await detachOne(context, network.name, { containerId: id });
      await writeConfig(context.root, current.config);
      throw error;
    }
  });
}

async function attachLive(
  context: ContainerContext,
  current: Container,
  endpoint: EndpointConfig,
): Promise<void> {
  const { id, config, state } = current;
  const identity = runningIdentity(context, current);
  if (!identity) return;
  const { attachments = [] } = state;
  const isGateway = !attachments.some((one) => one.isGateway);
  const record = async (all: typeof attachments) => {
    await writeState(context.root, id, { ...state, attachments: all });
  };
  await attachOne(context, { config, identity, attachments, record }, { endpoint, isGateway });
}

function checkConnectable(config: ContainerConfig, network: string): void {
  const names = config.networks.map((endpoint) => endpoint.network);
  if (joinedId(config) !== undefined) {
    const message =
      'container sharing network namespace with another container or host cannot be connected to any other network';
    throw new ConflictError('SHARED_NETWORK', message);
  }
  if (network === 'host' || names.includes('host')) {
    const message = 'container cannot be disconnected from host network or connected to host network';
    throw new ConflictError('HOST_NETWORK', message, { hint: 'make it anew with gocker run --network host' });
  }
  if (names.includes(network)) {
    throw new ConflictError(
      'ALREADY_CONNECTED',
      `endpoint with name ${config.name} already exists in network ${network}`,
    );
  }
  if (names.includes('none') || (network === 'none' && names.length > 0)) {
    const message =
      'container cannot be connected to multiple networks with one of the networks in private (none) mode';
    throw new ConflictError('NONE_NETWORK', message, {
      hint: `part it from the network first: gocker network disconnect ${names[0]} ${config.name}`,
    });
  }
}
