/** rtnetlink(7) as functions: links, addresses, routes and neighbours of one network namespace. No `ip` anywhere. */

import { AT_FDCWD, CLONE, O } from '../constants.ts';
import { because } from '../observer.ts';
import type { SocketCalls, Syscalls } from '../syscalls.ts';
import {
  type Address,
  addAddressMessage,
  decodeAddress,
  deleteAddressMessage,
  getAddressesMessage,
} from './address.ts';
import { RT_TABLE } from './constants.ts';
import {
  changeLinkMessage,
  createLinkMessage,
  decodeLink,
  deleteLinkMessage,
  getLinkMessage,
  getNamespaceMessage,
  type Link,
  type LinkName,
  type LinkSettings,
  type NewLink,
} from './link.ts';
import {
  decodeNeighbour,
  deleteNeighbourMessage,
  getNeighboursMessage,
  type Neighbour,
  setNeighbourMessage,
} from './neighbour.ts';
import { addRouteMessage, decodeRoute, deleteRouteMessage, getRoutesMessage, type Route } from './route.ts';
import { type NetlinkSocket, openNetlinkSocket } from './socket.ts';
import { unless } from './unless.ts';

export type { Address } from './address.ts';
export type { Link, LinkName, LinkSettings, NewLink } from './link.ts';
export type { Neighbour } from './neighbour.ts';
export type { Route } from './route.ts';

/**
 * Each method is one exchange with the kernel, done when it returns. What fails throws a SyscallError: `code` is the
 * errno's name (EEXIST, ENODEV, EBUSY, ...), the message says what was asked and what the kernel answered.
 */
export interface Netlink {
  links(): Link[];
  /** The ports of a bridge, by its index. */
  ports(bridge: number): Link[];
  /** Undefined when there is no such link. */
  link(link: LinkName): Link | undefined;
  /** EEXIST when the name is taken. The index of the new link is found by `link`. */
  createLink(link: NewLink): void;
  /** A link that gets another name is named by its index. */
  changeLink(link: LinkName, settings: LinkSettings): void;
  /** False when there was none. It takes the kernel some 20 ms, in which nobody else waits. */
  deleteLink(link: LinkName): boolean;
  /** False of a namespace (`netnsid` of a link) that nobody holds any more: the kernel is about to delete its links. */
  isHeld(netnsid: number): boolean;
  /** All of the namespace, or those of one link, by its index. */
  addresses(link?: number): Address[];
  addAddress(address: Address): void;
  deleteAddress(address: Address): void;
  /** Unicast routes of the main table. */
  routes(): Route[];
  addRoute(route: Route): void;
  deleteRoute(route: Route): void;
  neighbours(): Neighbour[];
  /** Adds or replaces an entry that stays. */
  setNeighbour(neighbour: Required<Neighbour>): void;
  deleteNeighbour(neighbour: Neighbour): void;
  close(): void;
}

type Calls = SocketCalls & Pick<Syscalls, 'close' | 'openat' | 'setns'>;

/** Netlink of the caller's network namespace, or of the one that a path such as /proc/PID/ns/net names. */
export function openNetlink(syscalls: Calls, netns?: string): Netlink {
  return netlinkOver(
    netns === undefined
      ? openNetlinkSocket(syscalls)
      : inNetworkNamespace(syscalls, netns, () => openNetlinkSocket(syscalls)),
  );
}

/**
 * Does `work`, synchronous, with the calling thread in another network namespace. A socket opened there stays there;
 * so does what is written below /proc/sys/net.
 */
export function inNetworkNamespace<T>(
  syscalls: Pick<Syscalls, 'openat' | 'setns' | 'close'>,
  path: string,
  work: () => T,
): T {
  const own = syscalls.openat(AT_FDCWD, '/proc/self/ns/net', O.RDONLY | O.CLOEXEC);
  try {
    const other = syscalls.openat(AT_FDCWD, path, O.RDONLY | O.CLOEXEC);
    try {
      syscalls.setns(other, CLONE.NEWNET);
    } finally {
      syscalls.close(other);
    }
    try {
      return because(`in network namespace ${path}`, work);
    } finally {
      syscalls.setns(own, CLONE.NEWNET);
    }
  } finally {
    syscalls.close(own);
  }
}

function netlinkOver(socket: NetlinkSocket): Netlink {
  return {
    ...linksOver(socket),
    addresses: (link) => socket.dump(getAddressesMessage(link)).map(decodeAddress),
    addAddress: (address) => void socket.send(addAddressMessage(address)),
    deleteAddress: (address) => void socket.send(deleteAddressMessage(address)),
    routes: () => mainRoutes(socket),
    addRoute: (route) => void socket.send(addRouteMessage(route)),
    deleteRoute: (route) => void socket.send(deleteRouteMessage(route)),
    neighbours: () => socket.dump(getNeighboursMessage()).map(decodeNeighbour),
    setNeighbour: (neighbour) => void socket.send(setNeighbourMessage(neighbour)),
    deleteNeighbour: (neighbour) => void socket.send(deleteNeighbourMessage(neighbour)),
    close: () => socket.close(),
  };
}

function linksOver(socket: NetlinkSocket) {
  return {
    links: () => socket.dump(getLinkMessage()).map(decodeLink),
    ports: (bridge: number) => socket.dump(getLinkMessage({ master: bridge })).map(decodeLink),
    link: (link: LinkName) =>
      unless(['ENODEV'], undefined, () => socket.send(getLinkMessage({ link })).map(decodeLink)[0]),
    createLink: (link: NewLink) => createLink(socket, link),
    changeLink: (link: LinkName, settings: LinkSettings) =>
      void socket.send(changeLinkMessage(link, settings)),
    isHeld: (netnsid: number) =>
      netnsid >= 0 && unless(['ENOENT'], false, () => socket.send(getNamespaceMessage(netnsid)).length > 0),
    deleteLink: (link: LinkName) =>
      unless(['ENODEV'], false, () => {
        socket.send(deleteLinkMessage(link));
        return true;
      }),
  };
}

/** The kernel takes the words on a link only from one that exists; both go in one datagram, so that none is without. */
function createLink(socket: NetlinkSocket, { alias, ...link }: NewLink): void {
  if (alias !== undefined && link.netns)
    throw new TypeError('words are left on links of the own namespace alone');
  const words = alias === undefined ? [] : [changeLinkMessage(link.name, { alias })];
  socket.send(createLinkMessage(link), ...words);
}

function mainRoutes(socket: NetlinkSocket): Route[] {
  const all = socket.dump(getRoutesMessage()).map(decodeRoute);
  return all
    .filter(({ table, unicast }) => unicast && table === RT_TABLE.MAIN)
    .map(({ table: _table, unicast: _unicast, ...route }) => route);
}
