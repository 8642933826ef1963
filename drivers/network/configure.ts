import type { Attachment, DriverHost, Endpoint, Network } from '../../src/driver/index.ts';
import { hasIPv6 } from './addresses/range.ts';
import { withNetlink } from './netlink.ts';
import type { Netns } from './netns.ts';
import { ignoreAdvertisements, setSysctl, withoutLinkLocal } from './sysctl.ts';

/** A container's interface that is there and not yet up. */
interface Interface {
  network: Network;
  endpoint: Endpoint;
  netns: Netns;
  /** With prefix length. */
  addresses: string[];
  routes: Attachment['routes'];
}

/** The container's side: what others on the wire advertise is not believed, from before the interface is up. */
export function configure(
  host: DriverHost,
  { network, endpoint: { ifname }, netns, addresses, routes }: Interface,
): void {
  host.inNetworkNamespace(netns.path, () => {
    const ipv6 = hasIPv6(network);
    if (ipv6) ignoreAdvertisements(ifname, { ipv6 });
    else setSysctl(`ipv6/conf/${ifname}/accept_ra`, '0');
    withNetlink(host, (netlink) => {
      const { index: link } = netlink.link(ifname)!;
      if (!ipv6) netlink.changeLink(link, withoutLinkLocal());
      for (const address of addresses) netlink.addAddress({ link, address });
      netlink.changeLink(link, { up: true });
      for (const route of routes) netlink.addRoute({ ...route, link });
    });
  });
}
