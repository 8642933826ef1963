import { isIPv6 } from 'node:net';
import { type NftablesElement, type PublishedPort, parseAddress } from '../../../../src/driver/index.ts';
import type { GuardedNetwork } from './records.ts';

const IFNAMSIZ = 16;
const PROTOCOLS = { tcp: 6, udp: 17, sctp: 132 } as const;
const ANY = new Set(['0.0.0.0', '::']);

/** What stands in the sets for a network while it may be used. */
export function networkElements({ id, bridge, internal, masquerade }: GuardedNetwork): NftablesElement[] {
  const key = interfaceName(bridge);
  const comment = commentOf(id);
  const roles = internal ? ['internal'] : masquerade ? ['masqueraded'] : [];
  return [
    bridgeElement(bridge, id),
    { set: 'within', key: Buffer.concat([key, key]), comment },
    ...roles.map((set) => ({ set, key, comment })),
  ];
}

/** All that may stand for a network's bridge. */
export function everyNetworkElement({
  id,
  bridge,
}: Pick<GuardedNetwork, 'id' | 'bridge'>): NftablesElement[] {
  const own = { id, bridge, masquerade: true };
  return [
    ...networkElements({ ...own, internal: false }),
    ...networkElements({ ...own, internal: true }).slice(2),
  ];
}

/** The one that is asked for to learn whether a network's others are there; it is added last. */
export function bridgeElement(bridge: string, id: string): NftablesElement {
  return { set: 'bridges', key: interfaceName(bridge), comment: commentOf(id) };
}

/** A published port of the container that has `address`, which is of the host address's family. */
export function portElement(port: PublishedPort, address: string, containerId: string): NftablesElement {
  const set = `published${isIPv6(port.hostIp) ? '6' : ''}`;
  const service = [number(PROTOCOLS[port.protocol], 1), number(port.hostPort, 2)];
  return {
    ...(isAnyAddress(port.hostIp)
      ? { set, key: fields(...service) }
      : { set: `${set}_on`, key: fields(parseAddress(port.hostIp), ...service) }),
    value: fields(parseAddress(address), number(port.containerPort, 2)),
    comment: commentOf(containerId),
  };
}

/** By this a container is known that asks for a port of its own. */
export function itselfElement(address: string, containerId: string): NftablesElement {
  const bytes = parseAddress(address);
  const set = isIPv6(address) ? 'itself6' : 'itself';
  return { set, key: Buffer.concat([bytes, bytes]), comment: commentOf(containerId) };
}

/** Whether that host address stands for all of its family. */
export function isAnyAddress(hostIp: string): boolean {
  return ANY.has(hostIp);
}

/** A concatenation as the kernel keeps it: each field begins at a multiple of four bytes. */
function fields(...values: Buffer[]): Buffer {
  return Buffer.concat(values.map((value) => Buffer.concat([value, Buffer.alloc(-value.length & 3)])));
}

function number(value: number, length: 1 | 2): Buffer {
  const buffer = Buffer.alloc(length);
  buffer.writeUIntBE(value, 0, length);
  return buffer;
}

function interfaceName(name: string): Buffer {
  const buffer = Buffer.alloc(IFNAMSIZ);
  buffer.write(name);
  return buffer;
}

/** Short, and nothing in it that nft would not read back. */
function commentOf(id: string): string {
  return id.replace(/[^0-9a-zA-Z]/g, '').slice(0, 12);
}
