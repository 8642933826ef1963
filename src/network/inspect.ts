import type { NetworkRecord } from './schema.ts';

/** A container on a network, as docker shows it there. */
export interface ShownEndpoint {
  Name: string;
  EndpointID: string;
  MacAddress: string;
  /** With prefix length. */
  IPv4Address: string;
  IPv6Address: string;
}

/** A network with docker's keys (the Engine API's NetworkInspect); `containers` by their IDs. */
export function inspectNetwork(network: NetworkRecord, containers: Record<string, ShownEndpoint>) {
  const { name, id, created, ipv6, internal, options, labels, subnets } = network;
  return {
    Name: name,
    Id: id,
    Created: created,
    Scope: 'local',
    Driver: driverName(network),
    EnableIPv4: true,
    EnableIPv6: ipv6,
    IPAM: {
      Driver: 'default',
      Options: {},
      Config: subnets.map(({ subnet, ipRange, gateway }) => ({
        ...(subnet !== undefined && { Subnet: subnet }),
        ...(ipRange !== undefined && { IPRange: ipRange }),
        ...(gateway !== undefined && { Gateway: gateway }),
      })),
    },
    Internal: internal,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: containers,
    Options: options,
    Labels: labels,
  };
}

/** docker's word for the driver of no network. */
export function driverName({ driver }: Pick<NetworkRecord, 'driver'>): string {
  return driver === 'none' ? 'null' : driver;
}
