import { isIP, isIPv6 } from 'node:net';
import { formatAddress, type PublishedPort, parseAddress } from '../../../../src/driver/index.ts';
import { GockerError } from '../../../../src/errors.ts';
import { isAnyAddress } from './elements.ts';
import { addressFor } from './publication.ts';

/** What was asked for, and the addresses of the container. */
interface Asked {
  ports: PublishedPort[];
  addresses: string[];
}

/** Twice the same is once; `0.0.0.0` and `::` mean "where there are such addresses". */
export function usable({ ports, addresses }: Asked): PublishedPort[] {
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
