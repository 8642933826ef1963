import type { Attachment, DriverHost, Endpoint, Link, Network, NewLink } from '../../../src/driver/index.ts';
import { lease } from '../addresses/lease.ts';
import { requireState, withState } from '../addresses/state.ts';
import { configure } from '../configure.ts';
import { checkInterfaceName, checkMac, macOf } from '../interface.ts';
import { makeLink, withNetlink } from '../netlink.ts';
import { type Netns, withNetns } from '../netns.ts';
import { withoutLinkLocal } from '../sysctl.ts';
import { takeBack } from '../take-back.ts';
import { detachContainer } from './detach.ts';
import { openFirewall } from './firewall.ts';
import { aliasOf, vethName } from './names.ts';
import { TALK } from './options.ts';
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
      return { bridge, addresses: lease(host, network, { endpoint }) };
    });
    try {
      const publish = await openFirewall(host, network, { endpoint, addresses, inode: netns.inode });
      const attachment = connect(host, { network, endpoint, bridge, addresses, netns });
      return { ...attachment, ports: await publish() };
    } catch (error) {
      await takeBack(host, () => detachContainer(host, network, endpoint));
      throw error;
    }
  });
}

function connect(host: DriverHost, plug: Plug): Attachment {
  const { network, endpoint, bridge, addresses } = plug;
  const mac = endpoint.mac ?? macOf(network.id, endpoint.containerId);
  const veth = vethName(network, endpoint.containerId);
  const netnsid = withNetlink(host, (netlink) => {
    const link: NewLink = {
      name: veth,
      kind: 'veth',
      alias: aliasOf(endpoint.containerId),
      mtu: bridge.mtu,
      master: bridge.index,
      peer: { name: endpoint.ifname, mac, mtu: bridge.mtu, netns: { fd: plug.netns.fd } },
    };
    makeLink(netlink, link, () => netlink.deleteLink(veth));
    netlink.changeLink(veth, withoutLinkLocal());
    // Where bridges call the firewall, a container reaches a port that it publishes itself only so.
    const hairpin = endpoint.ports.length > 0;
    const isolated = network.options[TALK] === 'false';
    netlink.changeLink(veth, { up: true, ...(hairpin && { hairpin }), ...(isolated && { isolated }) });
    return netlink.link(veth)?.netnsid;
  });
  const interfaces = [{ name: endpoint.ifname, mac }];
  const state = { bridge: bridge.name, veth, netnsid, netns: endpoint.netns, inode: plug.netns.inode };
  const leads = endpoint.isGateway && !network.internal;
  const routes = leads ? network.subnets.map(({ gateway }) => ({ to: 'default', via: gateway! })) : [];
  configure(host, { network, endpoint, addresses, netns: plug.netns, routes });
  return { containerId: endpoint.containerId, interfaces, addresses, routes, dns: [], ports: [], state };
}
