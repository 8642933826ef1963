import type { DriverHost, Network } from '../../../src/driver/index.ts';
import { release } from '../addresses/lease.ts';
import { findState, withState } from '../addresses/state.ts';
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
  withNetlink(host, (netlink) => netlink.deleteLink(vethName(network, containerId)));
  await withState(host, () => {
    const state = findState(host, network.id);
    if (state) release(host, network, state, [containerId]);
  });
}

/** Takes away what is on the network and not of these containers. */
export async function pruneNetwork(host: DriverHost, network: Network, alive: string[]): Promise<void> {
  const living = new Set(alive);
  await prunePorts(host, network.id, alive);
  await withState(host, () => {
    const state = findState(host, network.id);
    if (!state) return;
    withNetlink(host, (netlink) => {
      const bridge = netlink.link(bridgeName(network));
      for (const { index, alias } of bridge ? netlink.ports(bridge.index) : []) {
        const owner = idIn(alias);
        if (owner !== undefined && !living.has(owner)) netlink.deleteLink(index);
      }
    });
    release(
      host,
      network,
      state,
      Object.keys(state.leases).filter((id) => !living.has(id)),
    );
  });
}
