import type { ContainerNetworks, OpenNetwork } from '../container/context.ts';
import { GockerError } from '../errors.ts';
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
    open: async (text) => open(await orSayWhatElse(text, () => usableNetwork(context, text))),
    whileUsing: (use, work) => whileUsing(context, use, async (network) => work(await open(network))),
    publish: (network, container) => publishEndpoint(context, network, container),
    withdraw: (network, containerId) => withdrawEndpoint(context, network, containerId),
    clear: (network, container) => clearOwnLines(context, network, container),
    writeFiles: writeNetworkFiles,
    filesOf: bindsOf,
  };
}

/** Nobody has asked for the default network by name: the error says how to do without. */
async function orSayWhatElse<T>(text: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (text !== 'bridge' || !(error instanceof GockerError)) throw error;
    const { code, message, hint, exitCode } = error;
    const otherwise = 'or do without it: --network none for no network, --network host for that of the host';
    throw new GockerError(code, `the default network cannot be made: ${message}`, {
      hint: hint === undefined ? otherwise : `${hint}; ${otherwise}`,
      exitCode,
      cause: error,
    });
  }
}
