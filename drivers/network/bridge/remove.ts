import type { DriverHost, Network } from '../../../src/driver/index.ts';
import { deleteState, withState } from '../addresses/state.ts';
import { withNetlink } from '../netlink.ts';
import { forgetNetwork } from './firewall.ts';
import { stopForwarding } from './forwarding.ts';
import { aliasOf, bridgeName } from './names.ts';

/** Idempotent. A bridge of that name that somebody else has made stays. */
export async function removeNetwork(host: DriverHost, network: Network): Promise<void> {
  await withState(host, () => {
    withNetlink(host, (netlink) => {
      const bridge = netlink.link(bridgeName(network));
      if (bridge?.alias === aliasOf(network.id)) netlink.deleteLink(bridge.index);
      stopForwarding(host, netlink);
    });
    deleteState(host, network.id);
  });
  await forgetNetwork(host, network.id);
}
