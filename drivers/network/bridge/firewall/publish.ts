import { readFileSync, writeFileSync } from 'node:fs';
import { isIP, isIPv6 } from 'node:net';
import {
  type DriverHost,
  formatAddress,
  type Nftables,
  type PublishedPort,
  parseAddress,
} from '../../../../src/driver/index.ts';
import { GockerError, hasCode } from '../../../../src/errors.ts';
import { locked } from '../../../lock.ts';
import { isAnyAddress } from './elements.ts';
import { guardNetwork, withNftables } from './ensure.ts';
import { hold } from './hold.ts';
import { addressFor, collides, publicationElements } from './publication.ts';
import {
  type GuardedNetwork,
  identify,
  isLiving,
  listPublications,
  lockFile,
  type Namespace,
  writePublication,
} from './records.ts';
import { reservePorts } from './reserve.ts';
import { TABLE } from './table.ts';
import { ownerOf, withdraw } from './withdraw.ts';

/** IPPROTO_UDP. */
const UDP = 17;

export interface PublishRequest {
  containerId: string;
  /** What a person calls it. */
  name: string;
  netns: Omit<Namespace, 'boot'>;
  /** Its addresses in this network, without prefix length. */
  addresses: string[];
  ports: PublishedPort[];
}

/**
 * Makes ports of a container reachable through ports of the host; as they were made, those of address families that the
 * container has not left out. The network is guarded. Throws what `reservePorts` does, INVALID_PORT, and ADDRESS_FAMILY
 * when an address of the host was asked for that the container has no counterpart of.
 */
export async function publishPorts(
  host: DriverHost,
  network: GuardedNetwork,
  request: PublishRequest,
): Promise<PublishedPort[]> {
  const wanted = usable(request);
  if (wanted.length === 0) return [];
  if (network.internal) {
    host.log(`network ${network.bridge} is internal: its ports are not published`);
    return [];
  }
  const publish = () =>
    locked(host, lockFile(host), {
      mode: 'exclusive',
      work: () => publishLocked(host, network, { ...request, ports: wanted }),
    });
  try {
    return await publish();
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    // Somebody flushed the rules since the network was looked after.
    await guardNetwork(host, network, wanted);
    return await publish();
  }
}

function publishLocked(host: DriverHost, network: GuardedNetwork, request: PublishRequest): PublishedPort[] {
  return withNftables(host, (nftables) => {
    const of = { containerId: request.containerId, networkId: network.id };
    withdraw(host, nftables, of);
    const { ports, fds } = reservePorts(host, {
      wanted: request.ports,
      owner: (port) => livingOwner(host, nftables, port),
    });
    hold(ownerOf(of), fds);
    try {
      const { name, addresses } = request;
      const publication = { ...of, name, addresses, ports, netns: identify(request.netns) };
      writePublication(host, publication);
      if (ports.some(isForLocalhost)) letLocalhostIn(network.bridge);
      nftables.addElements(TABLE, publicationElements(publication));
      forgetUnanswered(host, ports);
      return ports;
    } catch (error) {
      withdraw(host, nftables, of);
      throw error;
    }
  });
}

/** Who has sent datagrams to a port before it was published, and does not stop, would never reach the container. */
function forgetUnanswered(host: DriverHost, ports: PublishedPort[]): void {
  const datagrams = ports.filter(({ protocol }) => protocol === 'udp');
  for (const port of new Set(datagrams.map(({ hostPort }) => hostPort)))
    host.forgetFlows({ protocol: UDP, port });
}

/** What a container has left that is no more gives way. */
function livingOwner(host: DriverHost, nftables: Nftables, port: PublishedPort) {
  const owners = listPublications(host).filter(({ ports }) => ports.some((other) => collides(other, port)));
  for (const gone of owners.filter((one) => !isLiving(one))) withdraw(host, nftables, gone);
  return owners.find(isLiving);
}

/** Twice the same is once; `0.0.0.0` and `::` mean "where there are such addresses". */
function usable({ ports, addresses }: PublishRequest): PublishedPort[] {
  const all = new Map(ports.map((port) => [JSON.stringify(port), port]));
  return [...all.values()].filter((port) => {
    validate(port);
    if (isLongLoopback(port)) throw notTranslated();
    if (addressFor(port, addresses) !== undefined) return true;
    if (isAnyAddress(port.hostIp)) return false;
    throw new GockerError(
      'ADDRESS_FAMILY',
      `the container has no address for ${port.hostIp} in this network`,
      {
        hint: 'publish on an address of the same family, or use a network made with --ipv6',
      },
    );
  });
}

function isLongLoopback({ hostIp }: PublishedPort): boolean {
  return isIPv6(hostIp) && formatAddress(parseAddress(hostIp)) === '::1';
}

function notTranslated(): GockerError {
  return new GockerError(
    'LOOPBACK_IPV6',
    'a port cannot be published on ::1: Linux translates no such address',
    {
      hint: 'publish on 127.0.0.1, or on another address of the host',
    },
  );
}

function validate({ hostIp, hostPort, containerPort, protocol }: PublishedPort): void {
  const isPort = (port: number, least: number) => Number.isInteger(port) && port >= least && port <= 65535;
  const isKnown = ['tcp', 'udp', 'sctp'].includes(protocol);
  if (
    isIP(hostIp) !== 0 &&
    !hostIp.includes('%') &&
    isPort(hostPort, 0) &&
    isPort(containerPort, 1) &&
    isKnown
  )
    return;
  throw new GockerError('INVALID_PORT', `no such port: ${hostIp}:${hostPort}:${containerPort}/${protocol}`, {
    hint: 'write it as 8080:80, 127.0.0.1:8080:80 or 8080:80/udp',
  });
}

function isForLocalhost({ hostIp }: PublishedPort): boolean {
  return hostIp === '0.0.0.0' || hostIp.startsWith('127.');
}

/** Answers to 127.0.0.1 come in by the bridge, and nowhere else; who abuses that meets the chain `guard`. */
function letLocalhostIn(bridge: string): void {
  const file = `/proc/sys/net/ipv4/conf/${bridge}/route_localnet`;
  if (readFileSync(file, 'utf8').trim() !== '1') writeFileSync(file, '1');
}
