import type { Attachment } from '../driver/index.ts';
import type { ProcessIdentity } from '../runtime/types.ts';
import type { ContainerContext } from './context.ts';
import type { ContainerConfig, ContainerState } from './schema.ts';

/** Connects a container whose PID 1 waits; what came of it is kept for `detachNetwork`. */
export async function attachNetwork(
  context: ContainerContext,
  config: ContainerConfig,
  identity: ProcessIdentity,
): Promise<Attachment> {
  const { driver, network } = await context.network(config.network);
  const shared = driver.namespace === 'host';
  return await driver.attach(network, {
    containerId: config.id,
    ...(shared ? {} : { netns: `/proc/${identity.pid}/ns/net` }),
    ifname: 'eth0',
    aliases: [config.name],
    addresses: [],
    ports: [],
    isGateway: true,
  });
}

/** Idempotent; nothing when the container never got as far as a network. */
export async function detachNetwork(
  context: ContainerContext,
  config: ContainerConfig,
  state: ContainerState,
): Promise<void> {
  if (!state.attachment) return;
  const { driver, network } = await context.network(config.network);
  await driver.detach(network, state.attachment);
}
