import type { Attachment, DriverHost, Network } from '../../../src/driver/index.ts';
import { UsageError } from '../../../src/errors.ts';
import { lease, release } from '../addresses/lease.ts';
import { parseRange } from '../addresses/range.ts';
import { type Place, withState } from '../addresses/state.ts';
import { checkInterfaceName, checkMac, macOf } from '../interface.ts';
import { withNetlink } from '../netlink.ts';
import { type Netns, withNetns } from '../netns.ts';
import { takeBack } from '../take-back.ts';
import { requireParent } from './create.ts';
import { unplugNoted } from './detach.ts';
import { parentOf } from './kind.ts';
import { finishOrDelete, newName, type Plug, plugIn } from './make.ts';

/** Reserves addresses, and makes an interface on top of the host's that is born in the container. */
export async function attachContainer(host: DriverHost, plug: Plug): Promise<Attachment> {
  const { kind, network, endpoint } = plug;
  checkInterfaceName(endpoint.ifname);
  refuseWhatCannotBe(plug);
  return withNetns(endpoint, async (netns) => {
    const hosts = addressesOfHost(host, network);
    // Two links of one MAC are never up at once.
    unplugNoted(host, network, endpoint.containerId);
    const place = placeFor(plug, netns);
    const addresses = await withState(host, () => lease(host, network, { endpoint, hosts, place }));
    try {
      const mac = kind.hasMac ? (endpoint.mac ?? macOf(network.id, endpoint.containerId)) : undefined;
      const routes = routesOf(plug);
      const name = plugIn(host, plug, { netns, mac });
      await finishOrDelete(host, { kind, name, network, endpoint, netns, addresses, routes });
      const { containerId, ifname } = endpoint;
      const interfaces = [{ name: ifname, ...(mac !== undefined && { mac }) }];
      const state = { kind: kind.name, parent: parentOf(network), netns: endpoint.netns, inode: netns.inode };
      return { containerId, interfaces, addresses, routes, dns: [], ports: [], state };
    } catch (error) {
      const free = () => withState(host, () => release(host, network, endpoint.containerId));
      await takeBack(host, free);
      throw error;
    }
  });
}

/** Noted before the interface is made: a container that lives on has it after a kill, too. */
function placeFor({ kind, network, endpoint }: Plug, { inode }: Netns): Place {
  const names = [newName(network, endpoint), endpoint.ifname];
  return { netns: endpoint.netns!, inode, names, kind: kind.name };
}

/** The host is on the network too, and its addresses are not for containers. */
function addressesOfHost(host: DriverHost, network: Network): string[] {
  return withNetlink(host, (netlink) =>
    netlink.addresses(requireParent(netlink, network).index).map(({ address }) => address.split('/')[0]!),
  );
}

/** Others reach such a container by its own address; without a MAC of its own it has that of the host. */
function refuseWhatCannotBe({ kind, network, endpoint }: Plug): void {
  if (endpoint.ports.length > 0)
    throw new UsageError('NO_PORTS', `network ${network.name} of driver ${kind.name} publishes no ports`, {
      hint: 'the container is reached by its own address; leave out -p, or use a network of driver bridge',
    });
  if (endpoint.mac === undefined) return;
  checkMac(endpoint.mac);
  if (!kind.hasMac)
    throw new UsageError('NO_MAC', `a container on network ${network.name} has the MAC of its parent`, {
      hint: `leave out --mac-address, or use a network of driver macvlan`,
    });
}

function routesOf({ kind, network, endpoint }: Plug): Attachment['routes'] {
  if (!endpoint.isGateway || network.internal) return [];
  if (kind.hasGateway(network.options))
    return network.subnets.map(({ gateway }) => ({ to: 'default', via: gateway! }));
  return network.subnets.map(({ subnet }) => ({
    to: parseRange(subnet!).family === 4 ? '0.0.0.0/0' : '::/0',
  }));
}
