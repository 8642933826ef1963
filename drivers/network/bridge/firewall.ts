/**
 * The firewall of the bridge driver: NAT, published ports, walls between networks. One table of nf_tables, whose chains
 * never change; networks and ports are elements of its sets and maps, and records on the disk tell which.
 */
import type { DriverHost } from '../../../src/driver/index.ts';
import { locked } from '../../lock.ts';
import { everyNetworkElement } from './firewall/elements.ts';
import { withNftables } from './firewall/ensure.ts';
import { release } from './firewall/hold.ts';
import {
  listNetworks,
  listPublications,
  lockFile,
  readNetwork,
  readPublication,
  removeNetwork,
} from './firewall/records.ts';
import { TABLE } from './firewall/table.ts';
import { ownerOf, withdraw } from './firewall/withdraw.ts';

export { guardNetwork } from './firewall/ensure.ts';
export { guardedNetwork } from './firewall/guarded.ts';
export { type PublishRequest, publishPorts } from './firewall/publish.ts';
export type { GuardedNetwork } from './firewall/records.ts';

/** Takes back the ports of one container. Idempotent; to be called before its address is given to another one. */
export async function withdrawPorts(host: DriverHost, networkId: string, containerId: string): Promise<void> {
  const which = { containerId, networkId };
  if (readPublication(host, which) === undefined) return release(host, ownerOf(which));
  await changing(host, (nftables) => withdraw(host, nftables, which));
}

/** Takes back the ports of all containers of a network that are not among `alive`. */
export async function prunePorts(host: DriverHost, networkId: string, alive: string[]): Promise<void> {
  const living = new Set(alive);
  const gone = () =>
    listPublications(host).filter((one) => one.networkId === networkId && !living.has(one.containerId));
  if (gone().length === 0) return;
  await changing(host, (nftables) => {
    for (const publication of gone()) withdraw(host, nftables, publication);
  });
}

/** Idempotent. With the last network of all the table goes too, and the rules are as they were before gocker came. */
export async function forgetNetwork(host: DriverHost, networkId: string): Promise<void> {
  await prunePorts(host, networkId, []);
  const network = readNetwork(host, networkId);
  if (network === undefined) return;
  await changing(host, (nftables) => {
    const isShared = listNetworks(host).some(
      ({ id, bridge }) => id !== networkId && bridge === network.bridge,
    );
    if (!isShared) nftables.deleteElements(TABLE, everyNetworkElement(network));
    removeNetwork(host, networkId);
    if (nftables.keys(TABLE, 'bridges').length === 0) nftables.deleteTable(TABLE);
  });
}

async function changing(host: DriverHost, change: (nftables: ReturnType<DriverHost['nftables']>) => void) {
  await locked(host, lockFile(host), { mode: 'exclusive', work: () => withNftables(host, change) });
}
