import { readFileSync } from 'node:fs';
import type { DriverHost, PublishedPort } from '../../../../src/driver/index.ts';
import { ConflictError, GockerError, hasCode } from '../../../../src/errors.ts';
import { bindPort } from './hold.ts';
import { findHolder } from './holder.ts';
import { isLeftover } from './leftover.ts';
import { collides } from './publication.ts';
import type { Publication } from './records.ts';

interface Reservation {
  /** In the order they were asked for, none with host port 0. */
  ports: PublishedPort[];
  /** What holds them; the caller closes it. */
  fds: number[];
}

interface Reserving {
  wanted: PublishedPort[];
  /** The container that has a port. */
  owner(port: PublishedPort): Publication | undefined;
}

/** How many ports are tried for one that may be any. */
const ATTEMPTS = 1000;

/**
 * Holds all ports, or none. Throws PORT_ALLOCATED, which names the container that has one, PORT_IN_USE, which names the
 * process, ADDRESS_NOT_AVAILABLE for an address that the host has not, NO_FREE_PORT.
 */
export function reservePorts(host: DriverHost, { wanted, owner }: Reserving): Reservation {
  const fds: number[] = [];
  const got = new Map<PublishedPort, PublishedPort>();
  const take = (port: PublishedPort) => takeOne(host, { port, owner, others: [...got.values()] });
  try {
    for (const port of wanted.filter(({ hostPort }) => hostPort !== 0)) {
      fds.push(...take(port));
      got.set(port, port);
    }
    for (const group of openGroups(wanted)) {
      const { hostPort, held } = chooseFree(host, group, take);
      fds.push(...held);
      for (const port of group) got.set(port, { ...port, hostPort });
    }
    return { ports: wanted.map((port) => got.get(port) ?? port), fds };
  } catch (error) {
    for (const fd of fds) host.syscalls.close(fd);
    throw error;
  }
}

interface Taking {
  port: PublishedPort;
  owner: Reserving['owner'];
  /** What the same container has got already. */
  others: PublishedPort[];
}

function takeOne(host: DriverHost, { port, owner, others }: Taking): number[] {
  const has = owner(port);
  if (has) throw allocated(port, `container ${has.name}`);
  if (others.some((other) => collides(other, port))) throw allocated(port, 'this container, twice');
  try {
    const fd = bindPort(host, port);
    return fd === undefined ? [] : [fd];
  } catch (error) {
    if (hasCode(error, 'EADDRINUSE') && isLeftover(host, port)) return [];
    throw hasCode(error, 'EADDRINUSE')
      ? inUse(port)
      : hasCode(error, 'EADDRNOTAVAIL')
        ? notAvailable(port)
        : error;
  }
}

/** One port of the container gets one port of the host, of all families and addresses that it was asked for. */
function openGroups(wanted: PublishedPort[]): PublishedPort[][] {
  const groups = new Map<string, PublishedPort[]>();
  for (const port of wanted.filter(({ hostPort }) => hostPort === 0)) {
    const key = `${port.containerPort}/${port.protocol}`;
    groups.set(key, [...(groups.get(key) ?? []), port]);
  }
  return [...groups.values()];
}

/** From the range that the kernel too takes free ports from; at a random place, for those who ask at once. */
function chooseFree(
  host: DriverHost,
  group: PublishedPort[],
  take: (port: PublishedPort) => number[],
): { hostPort: number; held: number[] } {
  const [first, last] = portRange();
  const size = last - first + 1;
  const start = Math.floor(Math.random() * size);
  for (let attempt = 0; attempt < Math.min(size, ATTEMPTS); attempt++) {
    const hostPort = first + ((start + attempt) % size);
    const held = takeAll(
      host,
      group.map((port) => ({ ...port, hostPort })),
      take,
    );
    if (held) return { hostPort, held };
  }
  throw new ConflictError('NO_FREE_PORT', `no free port from ${first} to ${last}`, {
    hint: 'widen the range: sysctl net.ipv4.ip_local_port_range',
  });
}

/** Undefined when one of them is taken. */
function takeAll(
  host: DriverHost,
  ports: PublishedPort[],
  take: (port: PublishedPort) => number[],
): number[] | undefined {
  const held: number[] = [];
  try {
    for (const port of ports) held.push(...take(port));
    return held;
  } catch (error) {
    for (const fd of held) host.syscalls.close(fd);
    if (hasCode(error, 'PORT_ALLOCATED', 'PORT_IN_USE')) return undefined;
    throw error;
  }
}

/** ip_local_port_range, ip(7). */
function portRange(): [first: number, last: number] {
  const [first = 32768, last = 60999] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
    .trim()
    .split(/\s+/)
    .map(Number);
  return [first, last];
}

function allocated(port: PublishedPort, owner: string): ConflictError {
  return new ConflictError('PORT_ALLOCATED', `${bindOf(port)}: port is already allocated by ${owner}`, {
    hint: 'publish another port of the host, or stop that container first',
  });
}

function inUse(port: PublishedPort): ConflictError {
  const holder = findHolder(port);
  const by = holder ? ` by ${holder.name} (process ${holder.pid})` : '';
  return new ConflictError('PORT_IN_USE', `${bindOf(port)}: address already in use${by}`, {
    hint: 'publish another port of the host, or stop that program first',
  });
}

function notAvailable(port: PublishedPort): GockerError {
  return new GockerError('ADDRESS_NOT_AVAILABLE', `${bindOf(port)}: cannot assign requested address`, {
    hint: `publish on an address that this host has; ${port.hostIp} is none`,
  });
}

/** docker's words. */
function bindOf({ hostIp, hostPort, protocol }: PublishedPort): string {
  const address = hostIp.includes(':') ? `[${hostIp}]` : hostIp;
  return `bind for ${address}:${hostPort}/${protocol} failed`;
}
