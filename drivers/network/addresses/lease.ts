import { isIP } from 'node:net';
import type { DriverHost, Endpoint, Network, Subnet } from '../../../src/driver/index.ts';
import { ConflictError, GockerError, UsageError } from '../../../src/errors.ts';
import { isAlive, thisProcess } from './maker.ts';
import { contains, formatNumber, parseRange, type Range } from './range.ts';
import { findState, type NetworkState, requireState, writeState } from './state.ts';

/**
 * Addresses for a container, one of each range of the network, with the length of the prefix; what the container held
 * before is free. To be called with the lock held. Throws UsageError for a wanted address that cannot be, ConflictError
 * for one that is taken, ADDRESSES_EXHAUSTED when none is left.
 */
export function lease(
  host: DriverHost,
  network: Network,
  { containerId, addresses: wanted }: Endpoint,
): string[] {
  const state = requireState(host, network);
  delete state.leases[containerId];
  refuseStrangers(network, wanted);
  const found = network.subnets.map((subnet) => pick(network, state, { subnet, wanted }));
  const addresses = found.map((address) => address.slice(0, address.indexOf('/')));
  state.leases[containerId] = { addresses, maker: thisProcess() };
  writeState(host, network.id, state);
  return found;
}

/** Frees what a container holds; idempotent. To be called with the lock held. */
export function release(host: DriverHost, { id }: Network, containerId: string): void {
  const state = findState(host, id);
  if (state?.leases[containerId]) writeState(host, id, { ...state, leases: without(state, [containerId]) });
}

/**
 * Frees what is neither of these containers nor of one that a living process has attached: it may be too young to be among
 * them. Returns who holds something afterwards. To be called with the lock held.
 */
export function releaseDead(host: DriverHost, { id }: Network, alive: string[]): Set<string> {
  const state = findState(host, id);
  if (!state) return new Set();
  const dead = Object.entries(state.leases)
    .filter(([containerId, { maker }]) => !alive.includes(containerId) && !isAlive(maker))
    .map(([containerId]) => containerId);
  const leases = without(state, dead);
  if (dead.length > 0) writeState(host, id, { ...state, leases });
  return new Set(Object.keys(leases));
}

function without({ leases }: NetworkState, gone: string[]): NetworkState['leases'] {
  return Object.fromEntries(Object.entries(leases).filter(([containerId]) => !gone.includes(containerId)));
}

/** A wanted address must lie in one of the network's ranges, one address in each. */
function refuseStrangers({ name, subnets }: Network, wanted: string[]): void {
  const open = new Set(subnets.map(({ subnet }) => parseRange(subnet!)));
  for (const address of wanted) {
    const range = isIP(address) ? [...open].find((one) => contains(one, parseRange(address))) : undefined;
    if (range && open.delete(range)) continue;
    const ours = subnets.map(({ subnet }) => subnet).join(' and ');
    throw new UsageError('INVALID_ADDRESS', `address ${address} is not in ${ours} of network ${name}`, {
      hint: `choose one address of ${ours}, or leave the choice to gocker`,
    });
  }
}

function pick(
  network: Network,
  state: NetworkState,
  { subnet, wanted }: { subnet: Subnet; wanted: string[] },
): string {
  const range = parseRange(subnet.subnet!);
  const asked = wanted.find((address) => contains(range, parseRange(address)));
  const value =
    asked === undefined ? nextFree(network, state, subnet) : wantedOne(network, state, { asked, subnet });
  const address = formatNumber(range, value);
  if (asked === undefined) state.last[range.family] = address;
  return `${address}/${range.length}`;
}

function wantedOne(
  { name }: Network,
  state: NetworkState,
  { asked, subnet }: { asked: string; subnet: Subnet },
): bigint {
  const { first } = parseRange(asked);
  const { low, high } = usable(parseRange(subnet.subnet!));
  if (first < low || first > high || first === gatewayOf(subnet))
    throw new UsageError('INVALID_ADDRESS', `address ${asked} of network ${name} is not for containers`, {
      hint: `the network, its gateway ${subnet.gateway} and all of it (broadcast) have their own`,
    });
  const holder = takenIn(state).get(key(parseRange(asked)));
  if (holder === undefined) return first;
  throw new ConflictError(
    'ADDRESS_IN_USE',
    `address ${asked} of network ${name} is in use by container ${holder.slice(0, 12)}`,
    { hint: 'choose another address, or leave the choice to gocker' },
  );
}

/** The first free one behind the one handed out last, round and round. */
function nextFree({ name }: Network, state: NetworkState, subnet: Subnet): bigint {
  const range = parseRange(subnet.ipRange ?? subnet.subnet!);
  const { low, high } = within(range, usable(parseRange(subnet.subnet!)));
  const taken = takenIn(state);
  const isFree = (value: bigint) =>
    value !== gatewayOf(subnet) && !taken.has(key({ family: range.family, first: value }));
  const last = state.last[range.family];
  const after = last === undefined ? low : parseRange(last).first + 1n;
  const start = after < low || after > high ? low : after;
  for (let value = start; value <= high; value++) if (isFree(value)) return value;
  for (let value = low; value < start; value++) if (isFree(value)) return value;
  throw new GockerError(
    'ADDRESSES_EXHAUSTED',
    `no free address in ${subnet.ipRange ?? subnet.subnet} of network ${name}`,
    { hint: 'remove containers of the network, or create one with a larger range' },
  );
}

/** All but the first and, of IPv4, the last: the network and its broadcast address (RFC 3021: not of two addresses). */
function usable({ family, first, last, length }: Range): { low: bigint; high: bigint } {
  const isTiny = length >= (family === 4 ? 31 : 127);
  if (isTiny) return { low: first, high: last };
  return { low: first + 1n, high: family === 4 ? last - 1n : last };
}

function within({ first, last }: Range, { low, high }: { low: bigint; high: bigint }) {
  return { low: first > low ? first : low, high: last < high ? last : high };
}

function gatewayOf({ gateway }: Subnet): bigint | undefined {
  return gateway === undefined ? undefined : parseRange(gateway).first;
}

/** Who holds which address. */
function takenIn({ leases }: NetworkState): Map<string, string> {
  const pairs = Object.entries(leases).flatMap(([containerId, { addresses }]) =>
    addresses.map((address): [string, string] => [key(parseRange(address)), containerId]),
  );
  return new Map(pairs);
}

function key({ family, first }: Pick<Range, 'family' | 'first'>): string {
  return `${family}:${first}`;
}
