import type { DriverHost, Link, Netlink, Network } from '../../../src/driver/index.ts';
import { deleteState, withState } from '../addresses/state.ts';
import { withNetlink } from '../netlink.ts';
import { forgetNetwork } from './firewall.ts';
import { stopForwarding } from './forwarding.ts';
import { aliasOf, bridgeName, idIn } from './names.ts';

/** Idempotent; containers that are still on it lose their links. A bridge that somebody else has made stays. */
export async function removeNetwork(host: DriverHost, network: Network): Promise<void> {
  await withState(host, () => {
    withNetlink(host, (netlink) => {
      const bridge = netlink.link(bridgeName(network));
      if (bridge?.alias === aliasOf(network.id)) deleteBridge(netlink, bridge);
      stopForwarding(host, netlink);
    });
    deleteState(host, network.id);
  });
  await forgetNetwork(host, network.id);
}

/** A link that somebody else has put on it stays. */
function deleteBridge(netlink: Netlink, bridge: Link): void {
  const ours = netlink.ports(bridge.index).filter(({ alias }) => idIn(alias) !== undefined);
  for (const port of ours) netlink.deleteLink(port.index);
  netlink.deleteLink(bridge.index);
}
