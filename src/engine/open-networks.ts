import type { ContainerNetworks, OpenNetwork } from '../container/context.ts';
import type { NetworkContext } from '../network/context.ts';
import { clearOwnLines, publishEndpoint, withdrawEndpoint } from '../network/endpoints.ts';
import { bindsOf, writeNetworkFiles } from '../network/files.ts';
import { findNetwork } from '../network/find.ts';
import { forDriver, type NetworkRecord } from '../network/schema.ts';
import { usableNetwork, whileUsing } from '../network/use.ts';

/** What containers need of networks. */
export function openNetworks(context: NetworkContext): ContainerNetworks {
  const open = async (network: NetworkRecord): Promise<OpenNetwork> => ({
    network: forDriver(network),
    driver: await context.driver(network.driver),
  });
  return {
    find: async (text) => open(await findNetwork(context, text)),
    open: async (text) => open(await usableNetwork(context, text)),
    whileUsing: (use, work) => whileUsing(context, use, async (network) => work(await open(network))),
    publish: (network, container) => publishEndpoint(context, network, container),
    withdraw: (network, containerId) => withdrawEndpoint(context, network, containerId),
    clear: (network, container) => clearOwnLines(context, network, container),
    writeFiles: writeNetworkFiles,
    filesOf: bindsOf,
  };
}
