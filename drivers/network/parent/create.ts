import type { DriverHost, Link, Netlink, Network } from '../../../src/driver/index.ts';
import { NotFoundError } from '../../../src/errors.ts';
import { chooseSubnets } from '../addresses/choose.ts';
import { bootId } from '../addresses/maker.ts';
import { deleteState, findState, withState, writeState } from '../addresses/state.ts';
import { takenByHost, takenByNetworks } from '../addresses/taken.ts';
import { checkInterfaceName } from '../interface.ts';
import { withNetlink } from '../netlink.ts';
import { checkOptions } from '../options.ts';
import { type Kind, optionsOf, parentOf } from './kind.ts';

/** Reserves the ranges, which may be those of the network that the host's interface is on. Idempotent for one ID. */
export async function createNetwork(host: DriverHost, kind: Kind, network: Network): Promise<Network> {
  checkOptions(network, optionsOf(kind));
  kind.settings(network.options);
  withNetlink(host, (netlink) => requireParent(netlink, network));
  return withState(host, () => {
    const taken = [...takenByNetworks(host, network.id), ...takenByHost(host, '')];
    const subnets = chooseSubnets({ network, taken, isHosts: true });
    writeState(host, network.id, {
      ...(findState(host, network.id) ?? { last: {}, leases: {}, boot: bootId() }),
      name: network.name,
      device: parentOf(network),
      subnets: subnets.map(({ subnet }) => subnet!),
    });
    return { ...network, subnets };
  });
}

export async function removeNetwork(host: DriverHost, { id }: Network): Promise<void> {
  await withState(host, () => deleteState(host, id));
}

/** Throws NotFoundError where the host has no such interface. */
export function requireParent(netlink: Netlink, network: Network): Link {
  const name = checkInterfaceName(parentOf(network));
  const link = netlink.link(name);
  if (link) return link;
  throw new NotFoundError('PARENT_NOT_FOUND', `no interface ${name}, which network ${network.name} needs`, {
    hint: 'choose one that `ip link` shows: -o parent=NAME',
  });
}
