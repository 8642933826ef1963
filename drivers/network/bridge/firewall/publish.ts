import { readFileSync, writeFileSync } from 'node:fs';
import type { DriverHost, Nftables, PublishedPort } from '../../../../src/driver/index.ts';
import { ConflictError, hasCode } from '../../../../src/errors.ts';
import { locked } from '../../../lock.ts';
import { thisProcess } from '../../addresses/maker.ts';
import { guardNetwork, withNftables } from './ensure.ts';
import { hold, release } from './hold.ts';
import { releaseLeftover } from './leftover.ts';
import { collides, publicationElements } from './publication.ts';
import {
  type GuardedNetwork,
  identify,
  isLiving,
  listPublications,
  lockFile,
  type Namespace,
  removePublication,
  type Which,
  writePublication,
} from './records.ts';
import { reservePorts } from './reserve.ts';
import { TABLE } from './table.ts';
import { usable } from './wanted.ts';
import { withdraw } from './withdraw.ts';

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
    releaseLeftover(host);
    const { ports, fds } = reservePorts(host, {
      wanted: request.ports,
      owner: (port) => livingOwner(host, nftables, port),
    });
    hold(of, fds);
    try {
      const { name, addresses } = request;
      const netns = identify(request.netns);
      const publication = { ...of, name, addresses, ports, netns, holder: thisProcess() };
      writePublication(host, publication);
      if (ports.some(isForLocalhost)) letLocalhostIn(network.bridge);
      nftables.addElements(TABLE, publicationElements(publication));
      forgetUnanswered(host, ports);
      return ports;
    } catch (error) {
      if (hasCode(error, 'EEXIST')) throw elsewhere(host, of);
      withdraw(host, nftables, of);
      throw error;
    }
  });
}

/** What stands in the table is another one's, and stays: records and sockets go. */
function elsewhere(host: DriverHost, of: Which): ConflictError {
  removePublication(host, of);
  release(host, of);
  return new ConflictError(
    'PORT_ALLOCATED',
    'port is already allocated by a container of another GOCKER_ROOT',
    {
      hint: `see which in: nft list table inet ${TABLE}`,
    },
  );
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

function isForLocalhost({ hostIp }: PublishedPort): boolean {
  return hostIp === '0.0.0.0' || hostIp.startsWith('127.');
}

/** Answers to 127.0.0.1 come in by the bridge, and nowhere else; who abuses that meets the chain `guard`. */
function letLocalhostIn(bridge: string): void {
  const file = `/proc/sys/net/ipv4/conf/${bridge}/route_localnet`;
  if (readFileSync(file, 'utf8').trim() !== '1') writeFileSync(file, '1');
}
