/** What a container is called on its networks, by itself and by others. */
import { join } from 'node:path';
import type { ContainerContext, NamedContainer } from '../context.ts';
import { directoryOf } from '../paths.ts';
import type { ContainerConfig, ContainerState, EndpointConfig, NetworkAttachment } from '../schema.ts';

const SHORT_ID = 12;

/** Makes the container known on a network that it is attached to. */
export async function publishNames(
  context: ContainerContext,
  config: ContainerConfig,
  { endpoint, attachment }: { endpoint: EndpointConfig; attachment: NetworkAttachment },
): Promise<void> {
  const addresses = attachment.made.addresses.map((address) => address.split('/')[0]!);
  if (addresses.length === 0) return;
  const { name, hostname, id } = config;
  const names = [name, id.slice(0, SHORT_ID), ...endpoint.aliases];
  const { network } = await context.networks.find(attachment.network.id);
  await context.networks.publish(network, {
    ...filesIn(context, id),
    ownNames: [...new Set([hostname, name, ...endpoint.aliases])],
    names: [...new Set([...names, hostname])],
    addresses,
  });
}

/** Makes a container that has another name now known by that. */
export async function publishAllNames(
  context: ContainerContext,
  config: ContainerConfig,
  { attachments = [] }: ContainerState,
): Promise<void> {
  for (const attachment of attachments) {
    const endpoint = config.networks.find(({ network }) => network === attachment.network.name);
    if (endpoint) await publishNames(context, config, { endpoint, attachment });
  }
}

/** Where the container's hosts file is, and the lock of whoever writes it; both go away with it. */
export function filesIn(
  { root }: Pick<ContainerContext, 'root'>,
  id: string,
): Pick<NamedContainer, 'containerId' | 'hosts' | 'hostsLock'> {
  const directory = directoryOf(root, id);
  return { containerId: id, hosts: join(directory, 'hosts'), hostsLock: join(directory, 'hosts.lock') };
}
