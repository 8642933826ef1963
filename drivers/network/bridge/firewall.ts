/**
 * The firewall of the bridge driver: NAT, published ports, walls between networks. One table of nf_tables, whose chains
 * never change; networks and ports are elements of its sets and maps, and records on the disk tell which.
 */
import type { DriverHost, Endpoint, Network, PublishedPort } from '../../../src/driver/index.ts';
import { locked } from '../../lock.ts';
import { everyNetworkElement } from './firewall/elements.ts';
import { guardNetwork, withNftables } from './firewall/ensure.ts';
import { guardedNetwork } from './firewall/guarded.ts';
import { release } from './firewall/hold.ts';
import { releaseLeftover } from './firewall/leftover.ts';
import { publishPorts } from './firewall/publish.ts';
import {
  findByAddress,
  isPublished,
  listNetworks,
  listPublishers,
  lockFile,
  readNetwork,
  removeNetwork,
} from './firewall/records.ts';
import { TABLE } from './firewall/table.ts';
import { withdraw } from './firewall/withdraw.ts';

export { guardNetwork } from './firewall/ensure.ts';
export { guardedNetwork } from './firewall/guarded.ts';
export { type PublishRequest, publishPorts } from './firewall/publish.ts';
export type { GuardedNetwork } from './firewall/records.ts';

/** A container that comes to a network. */
export interface Guest {
  endpoint: Endpoint;
  /** Of its network namespace. */
  inode: number;
  /** What it got, with prefix length. */
  addresses: string[];
}

/**
 * Puts the network behind its walls, before a container is connected; the result is called when it is, publishes its ports
 * and tells them as they were made.
 */
export async function openFirewall(
  host: DriverHost,
  network: Network,
  { endpoint, inode, addresses: prefixes }: Guest,
): Promise<() => Promise<PublishedPort[]>> {
  const { containerId, aliases, netns: path = '', ports } = endpoint;
  const guarded = guardedNetwork(network);
  const addresses = prefixes.map((address) => address.split('/')[0]!);
  const name = aliases[0] ?? containerId.slice(0, 12);
  await guardNetwork(host, guarded, ports);
  await evictPorts(host, { containerId, networkId: network.id }, addresses);
  const request = { containerId, name, netns: { path, inode }, addresses, ports };
  return async () => await publishPorts(host, guarded, request);
}

/** Takes back the ports of one container. Idempotent. */
export async function withdrawPorts(host: DriverHost, networkId: string, containerId: string): Promise<void> {
  const which = { containerId, networkId };
  if (!isPublished(host, which)) return release(host, which);
  await changing(host, (nftables) => withdraw(host, nftables, which));
}

/** Takes back what containers that are no more have published of addresses which now are this one's. */
async function evictPorts(
  host: DriverHost,
  which: { containerId: string; networkId: string },
  addresses: string[],
): Promise<void> {
  const stale = findByAddress(host, which, addresses);
  if (stale.length === 0) return;
  await changing(host, (nftables) => {
    for (const one of stale) withdraw(host, nftables, one);
  });
}

/** Takes back the ports of all containers of a network that are not among `alive`. */
export async function prunePorts(host: DriverHost, networkId: string, alive: string[]): Promise<void> {
  releaseLeftover(host);
  const living = new Set(alive);
  const gone = () =>
    listPublishers(host).filter((one) => one.networkId === networkId && !living.has(one.containerId));
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
