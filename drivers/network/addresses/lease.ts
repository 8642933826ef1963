import { isIP } from 'node:net';
import type { DriverHost, Endpoint, Network, Subnet } from '../../../src/driver/index.ts';
import { ConflictError, GockerError, UsageError } from '../../../src/errors.ts';
import { isAlive, thisProcess } from './maker.ts';
import { contains, formatNumber, parseRange, type Range } from './range.ts';
import { findState, type Lease, type NetworkState, type Place, requireState, writeState } from './state.ts';

export interface Request {
  endpoint: Endpoint;
  /** Addresses of the network that the host itself has, beside the gateway. */
  hosts?: string[];
  place?: Place;
}

/** What an address of one range is chosen from. */
interface Choice {
  network: Network;
  subnet: Subnet;
  wanted: string[];
  /** Who holds which address, in words. */
  taken: Map<string, string>;
}

/**
 * Addresses for a container, one of each range of the network, with the length of the prefix; what the container held
 * before is free. To be called with the lock held. Throws UsageError for a wanted address that cannot be, ConflictError
 * for one that is taken, ADDRESSES_EXHAUSTED when none is left.
 */
export function lease(
  host: DriverHost,
  network: Network,
  { endpoint, hosts = [], place }: Request,
): string[] {
  const { containerId, addresses: wanted } = endpoint;
  const state = requireState(host, network);
  delete state.leases[containerId];
  refuseStrangers(network, wanted);
  const taken = takenIn(state, hosts);
  const found = network.subnets.map((subnet) => pick(state, { network, subnet, wanted, taken }));
  const addresses = found.map((address) => address.slice(0, address.indexOf('/')));
  state.leases[containerId] = { addresses, maker: thisProcess(), ...(place && { place }) };
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
  const dead = [...deadLeases(state, alive).keys()];
  const leases = without(state, dead);
  if (dead.length > 0) writeState(host, id, { ...state, leases });
  return new Set(Object.keys(leases));
}

/** By the container's ID: those that `releaseDead` frees. */
export function deadLeases({ leases }: NetworkState, alive: string[]): Map<string, Lease> {
  const isDead = ([containerId, { maker }]: [string, Lease]) =>
    !alive.includes(containerId) && !isAlive(maker);
  return new Map(Object.entries(leases).filter(isDead));
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

function pick(state: NetworkState, choice: Choice): string {
  const range = parseRange(choice.subnet.subnet!);
  const asked = choice.wanted.find((address) => contains(range, parseRange(address)));
  if (asked !== undefined) return `${formatNumber(range, wantedOne(choice, asked))}/${range.length}`;
  const address = formatNumber(range, nextFree(choice, state.last[range.family]));
  state.last[range.family] = address;
  return `${address}/${range.length}`;
}

function wantedOne({ network: { name }, subnet, taken }: Choice, asked: string): bigint {
  const { first, family } = parseRange(asked);
  const { low, high } = usable(parseRange(subnet.subnet!));
  if (first < low || first > high || first === gatewayOf(subnet))
    throw new UsageError('INVALID_ADDRESS', `address ${asked} of network ${name} is not for containers`, {
      hint: `the network, its gateway ${subnet.gateway} and all of it (broadcast) have their own`,
    });
  const holder = taken.get(key({ family, first }));
  if (holder === undefined) return first;
  throw new ConflictError('ADDRESS_IN_USE', `address ${asked} of network ${name} is in use by ${holder}`, {
    hint: 'choose another address, or leave the choice to gocker',
  });
}

/** The first free one behind the one handed out last, round and round. */
function nextFree({ network: { name }, subnet, taken }: Choice, last: string | undefined): bigint {
  const range = parseRange(subnet.ipRange ?? subnet.subnet!);
  const { low, high } = within(range, usable(parseRange(subnet.subnet!)));
  const gateway = gatewayOf(subnet);
  const isFree = (first: bigint) => first !== gateway && !taken.has(key({ family: range.family, first }));
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

function takenIn({ leases }: NetworkState, hosts: string[]): Map<string, string> {
  const pairs = Object.entries(leases).flatMap(([containerId, { addresses }]) =>
    addresses.map((address): [string, string] => [address, `container ${containerId.slice(0, 12)}`]),
  );
  const all = [...pairs, ...hosts.map((address): [string, string] => [address, 'the host'])];
  return new Map(all.map(([address, holder]) => [key(parseRange(address)), holder]));
}

function key({ family, first }: Pick<Range, 'family' | 'first'>): string {
  return `${family}:${first}`;
}
