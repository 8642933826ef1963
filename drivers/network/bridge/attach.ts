import type { Attachment, DriverHost, Endpoint, Link, Network } from '../../../src/driver/index.ts';
import { lease } from '../addresses/lease.ts';
import { hasIPv6 } from '../addresses/range.ts';
import { requireState, withState } from '../addresses/state.ts';
import { withNetlink } from '../netlink.ts';
import { type Netns, withNetns } from '../netns.ts';
import { ignoreAdvertisements, setSysctl } from '../sysctl.ts';
import { detachContainer } from './detach.ts';
import { openFirewall } from './firewall.ts';
import { aliasOf, checkInterfaceName, checkMac, macOf, vethName } from './names.ts';
import { raiseBridge } from './raise.ts';

/** One container's link to one network. */
interface Plug {
  network: Network;
  endpoint: Endpoint;
  bridge: Link;
  addresses: string[];
  /** The container's network namespace. */
  netns: Netns;
}

/** Makes the bridge if need be, reserves addresses, and puts one end of a veth pair into the container. */
export async function attachContainer(
  host: DriverHost,
  network: Network,
  endpoint: Endpoint,
): Promise<Attachment> {
  checkInterfaceName(endpoint.ifname);
  if (endpoint.mac !== undefined) checkMac(endpoint.mac);
  return withNetns(endpoint, async (netns) => {
    const { bridge, addresses } = await withState(host, () => {
      requireState(host, network);
      const bridge = withNetlink(host, (netlink) => raiseBridge(host, netlink, network));
      return { bridge, addresses: lease(host, network, endpoint) };
    });
    try {
      const publish = await openFirewall(host, network, { endpoint, addresses, inode: netns.inode });
      const attachment = connect(host, { network, endpoint, bridge, addresses, netns });
      return { ...attachment, ports: await publish() };
    } catch (error) {
      await detachContainer(host, network, endpoint.containerId);
      throw error;
    }
  });
}

function connect(host: DriverHost, plug: Plug): Attachment {
  const { network, endpoint, bridge, addresses } = plug;
  const mac = endpoint.mac ?? macOf(network.id, endpoint.containerId);
  const veth = vethName(network, endpoint.containerId);
  withNetlink(host, (netlink) => {
    netlink.deleteLink(veth);
    netlink.createLink({
      name: veth,
      kind: 'veth',
      alias: aliasOf(endpoint.containerId),
      mtu: bridge.mtu,
      master: bridge.index,
      peer: { name: endpoint.ifname, mac, mtu: bridge.mtu, netns: { fd: plug.netns.fd } },
    });
    setSysctl(`ipv6/conf/${veth}/disable_ipv6`, '1');
    // Where bridges call the firewall, a container reaches a port that it publishes itself only so.
    netlink.changeLink(veth, { up: true, ...(endpoint.ports.length > 0 && { hairpin: true }) });
  });
  const interfaces = [{ name: endpoint.ifname, mac }];
  const state = { bridge: bridge.name, veth };
  const routes = configure(host, plug);
  return { containerId: endpoint.containerId, interfaces, addresses, routes, dns: [], ports: [], state };
}

/** The container's side: what others on the wire advertise is not believed, from before the interface is up. */
function configure(host: DriverHost, { network, endpoint, addresses, netns }: Plug): Attachment['routes'] {
  const leads = endpoint.isGateway && !network.internal;
  const routes = leads ? network.subnets.map(({ gateway }) => ({ to: 'default', via: gateway! })) : [];
  host.inNetworkNamespace(netns.path, () => {
    ignoreAdvertisements(endpoint.ifname, { ipv6: hasIPv6(network) });
    withNetlink(host, (netlink) => {
      const { index: link } = netlink.link(endpoint.ifname)!;
      for (const address of addresses) netlink.addAddress({ link, address });
      netlink.changeLink(link, { up: true });
      for (const route of routes) netlink.addRoute({ ...route, link });
    });
  });
  return routes;
}
