import type { DriverHost, Link, Netlink, Network } from '../../../src/driver/index.ts';
import { ConflictError } from '../../../src/errors.ts';
import { hasIPv6, parseRange } from '../addresses/range.ts';
import { macOf } from '../interface.ts';
import { IPV6_MTU, mtuOf } from '../options.ts';
import { ignoreAdvertisements } from '../sysctl.ts';
import { startForwarding } from './forwarding.ts';
import { aliasOf, bridgeName } from './names.ts';

/**
 * The network's bridge, made or mended: its addresses are there and it is up. To be called with the lock held. Throws
 * ConflictError when another's interface has its name.
 */
export function raiseBridge(host: DriverHost, netlink: Netlink, network: Network): Link {
  const name = bridgeName(network);
  const found = netlink.link(name) ?? makeBridge(netlink, network, name);
  refuseForeign(found, network);
  if (!network.internal) startForwarding(host, netlink, network);
  const missing = missingAddresses(netlink, found, network);
  if (found.up && missing.length === 0) return found;
  ignoreAdvertisements(name, { ipv6: hasIPv6(network) });
  for (const address of missing) netlink.addAddress({ link: found.index, address });
  netlink.changeLink(found.index, { up: true });
  return found;
}

/** A MAC that stays: without one a bridge takes that of a port, and another when the port goes. */
function makeBridge(netlink: Netlink, network: Network, name: string): Link {
  const alias = aliasOf(network.id);
  const uplink = uplinkMtu(netlink);
  const needed = hasIPv6(network) ? IPV6_MTU : 0;
  const mtu = mtuOf(network.options) ?? (uplink && Math.max(uplink, needed));
  netlink.createLink({ name, kind: 'bridge', alias, mac: macOf(network.id), ...(mtu && { mtu }) });
  return netlink.link(name)!;
}

function refuseForeign({ name, alias }: Link, network: Network): void {
  if (alias === aliasOf(network.id)) return;
  const message = `interface ${name}, the bridge of network ${network.name}, is somebody else's`;
  throw new ConflictError('BRIDGE_IN_USE', message, {
    hint: `rename or delete it (ip link delete ${name}), or remove the network and create it again`,
  });
}

/** Of the device that the default route leads through; undefined where there is none. */
function uplinkMtu(netlink: Netlink): number | undefined {
  const route = netlink.routes().find(({ to, link }) => to === 'default' && link !== undefined);
  return route && netlink.link(route.link!)?.mtu;
}

function missingAddresses(netlink: Netlink, { index }: Link, { subnets }: Network): string[] {
  const present = new Set(netlink.addresses(index).map(({ address }) => address));
  return subnets
    .map(({ subnet, gateway }) => `${gateway}/${parseRange(subnet!).length}`)
    .filter((address) => !present.has(address));
}
