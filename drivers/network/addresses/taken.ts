import type { DriverHost } from '../../../src/driver/index.ts';
import { withNetlink } from '../netlink.ts';
import { parseRange, type Range } from './range.ts';
import { allStates } from './state.ts';

/** A range that somebody has already. */
export interface Taken {
  range: Range;
  owner: 'network' | 'host';
  /** Who that is, in words. */
  by: string;
}

/** What the networks of this driver have, but for one of them. To be called with the lock held. */
export function takenByNetworks(host: DriverHost, except: string): Taken[] {
  return [...allStates(host)]
    .filter(([id]) => id !== except)
    .flatMap(([, { name, subnets }]) => subnets.map((subnet) => taken(subnet, 'network', `network ${name}`)));
}

/** What the host reaches: targets of its routes and addresses of its interfaces, but for the network's own device. */
export function takenByHost(host: DriverHost, own: string): Taken[] {
  return withNetlink(host, (netlink) => {
    const names = new Map(netlink.links().map(({ index, name }) => [index, name]));
    const reached = [
      ...netlink.routes().map(({ to, link }) => ({ to, link })),
      ...netlink.addresses().map(({ address, link }) => ({ to: address, link })),
    ].map(({ to, link }) => ({ to, link: names.get(link ?? 0) ?? '' }));
    return reached
      .filter(({ to, link }) => to !== 'default' && link !== own && link !== 'lo')
      .map(({ to, link }) => taken(to, 'host', `the host's interface ${link}`));
  });
}

function taken(subnet: string, owner: Taken['owner'], by: string): Taken {
  return { range: parseRange(subnet), owner, by };
}
