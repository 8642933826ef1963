import { isIPv6 } from 'node:net';
import type { NftablesElement, PublishedPort } from '../../../../src/driver/index.ts';
import { isAnyAddress, itselfElement, portElement } from './elements.ts';
import type { Publication } from './records.ts';

/** The elements that make a container's ports reachable. */
export function publicationElements({ ports, addresses, containerId }: Publication): NftablesElement[] {
  const reached = ports.flatMap((port) => {
    const address = addressFor(port, addresses);
    return address === undefined ? [] : [portElement(port, address, containerId)];
  });
  return [...addresses.map((address) => itselfElement(address, containerId)), ...reached];
}

/** The container's address of the family that the port's host address has. */
export function addressFor({ hostIp }: PublishedPort, addresses: string[]): string | undefined {
  return addresses.find((address) => isIPv6(address) === isIPv6(hostIp));
}

/** Whether no two programs could have both: the same port of one address, or of all addresses and one of them. */
export function collides(one: PublishedPort, other: PublishedPort): boolean {
  const sameFamily = isIPv6(one.hostIp) === isIPv6(other.hostIp);
  const sameAddress = one.hostIp === other.hostIp || [one, other].some(({ hostIp }) => isAnyAddress(hostIp));
  return one.protocol === other.protocol && one.hostPort === other.hostPort && sameFamily && sameAddress;
}
