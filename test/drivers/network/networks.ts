/** Networks and endpoints as unit tests of drivers make them up. */
import type { Endpoint, Network } from '../../../src/driver/index.ts';

export const ID = 'ab'.repeat(32);

export function network(some: Partial<Network> = {}): Network {
  const rest = { id: ID, name: 'some', driver: 'bridge', ipv6: false, internal: false, options: {} };
  return { ...rest, subnets: [], ...some };
}

export function endpoint(containerId: string, some: Partial<Endpoint> = {}): Endpoint {
  const rest = { ifname: 'eth0', aliases: [], addresses: [], ports: [], isGateway: true };
  return { containerId, ...rest, ...some };
}
