import type { DriverHost, Netlink, Network } from '../../../src/driver/index.ts';
import { release, releaseDead } from '../addresses/lease.ts';
import { withState } from '../addresses/state.ts';
import { withNetlink } from '../netlink.ts';
import { prunePorts, withdrawPorts } from './firewall.ts';
import { bridgeName, idIn, vethName } from './names.ts';

/** Idempotent. The address goes last: nobody else gets it while ports or a link are still made for it. */
export async function detachContainer(
  host: DriverHost,
  network: Network,
  containerId: string,
): Promise<void> {
  await withdrawPorts(host, network.id, containerId);
  withNetlink(host, (netlink) => unplug(netlink, vethName(network, containerId)));
  await withState(host, () => release(host, network, containerId));
}

/** A pair of which the other end is in a namespace that nobody holds goes by itself in a moment; asking takes longer. */
function unplug(netlink: Netlink, name: string): void {
  const link = netlink.link(name);
  const goesByItself = link?.netnsid !== undefined && !netlink.isHeld(link.netnsid);
  if (link && !goesByItself) netlink.deleteLink(link.index);
}

/** Takes away what is on the network and not of these containers. */
export async function pruneNetwork(host: DriverHost, network: Network, alive: string[]): Promise<void> {
  const living = await withState(host, () => {
    const living = new Set([...alive, ...releaseDead(host, network, alive)]);
    withNetlink(host, (netlink) => {
      const bridge = netlink.link(bridgeName(network));
      for (const { index, alias } of bridge ? netlink.ports(bridge.index) : []) {
        const owner = idIn(alias);
        if (owner !== undefined && !living.has(owner)) netlink.deleteLink(index);
      }
    });
    return living;
  });
  await prunePorts(host, network.id, [...living]);
}
