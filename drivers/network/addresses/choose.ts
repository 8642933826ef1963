import { createHash } from 'node:crypto';
import type { Network, Subnet } from '../../../src/driver/index.ts';
import { ConflictError, GockerError, UsageError } from '../../../src/errors.ts';
import { contains, formatNumber, formatRange, overlap, parseRange, type Range } from './range.ts';
import type { Taken } from './taken.ts';

/** What the ranges of a network are chosen from. */
export interface Choice {
  network: Network;
  taken: Taken[];
  /** IPv4 ranges that are tried before all others. */
  first?: string[];
  /** The network is one that the host is on too: a range that is given may be the host's. */
  isHosts?: boolean;
}

/**
 * The subnets of a network with all that was left open: ranges that overlap with nothing, gateways. Throws UsageError
 * for ranges and gateways that cannot be, ConflictError for a range that somebody has, SUBNETS_EXHAUSTED.
 */
export function chooseSubnets({ network, taken, first = [], isHosts = false }: Choice): Subnet[] {
  const others = isHosts ? taken.filter(({ owner }) => owner === 'network') : taken;
  const subnets = network.subnets.map((subnet) =>
    settle(network, others, subnet.subnet === undefined ? { ...subnet, ...free() } : subnet),
  );
  const families = subnets.map(({ subnet }) => parseRange(subnet!).family);
  if (families.length > new Set(families).size)
    throw invalid(`network ${network.name} has two ranges of one family`, 'leave one of them out');
  if (!families.includes(4)) subnets.unshift(settle(network, taken, free()));
  if (network.ipv6 && !families.includes(6))
    subnets.push(settle(network, taken, { subnet: freeOf(network, taken, uniqueLocal(network.id)) }));
  return subnets;

  function free(): Subnet {
    return { subnet: freeOf(network, taken, privateRanges(first)) };
  }
}

/** RFC 1918: two large ranges, then many small ones, away from where homes, docker and podman have theirs. */
function* privateRanges(first: string[]): Generator<string> {
  yield* first;
  yield* ['172.30.0.0/16', '172.31.0.0/16'];
  for (let second = 29; second < 60; second++)
    for (let third = 0; third < 256; third++) yield `10.${second}.${third}.0/24`;
}

/** RFC 4193: a prefix of 48 bits that no other site has, which here is a digest of the network's ID. */
function* uniqueLocal(id: string): Generator<string> {
  const digits = createHash('sha256').update(id).digest('hex');
  const prefix = `fd${digits.slice(0, 2)}:${digits.slice(2, 6)}:${digits.slice(6, 10)}`;
  for (let subnet = 0; subnet < 0x10000; subnet++)
    yield formatRange(parseRange(`${prefix}:${subnet.toString(16)}::/64`));
}

function freeOf({ name }: Network, taken: Taken[], candidates: Iterable<string>): string {
  for (const candidate of candidates) {
    const range = parseRange(candidate);
    if (!taken.some((other) => overlap(other.range, range))) return candidate;
  }
  throw new GockerError('SUBNETS_EXHAUSTED', `no free range of addresses for network ${name}`, {
    hint: 'name one that nobody uses by --subnet',
  });
}

/** Checks what was given, and adds the gateway. */
function settle({ name }: Network, taken: Taken[], given: Subnet): Subnet {
  const range = checkRange(given.subnet!);
  const other = taken.find((one) => collides(one, range));
  if (other) {
    const message = `range ${given.subnet} of network ${name} overlaps with ${formatRange(other.range)} of ${other.by}`;
    throw new ConflictError('SUBNET_IN_USE', message, { hint: 'choose another --subnet' });
  }
  if (given.ipRange !== undefined) within(range, checkRange(given.ipRange));
  const isTiny = range.last - range.first < 2n;
  const gateway = given.gateway ?? formatNumber(range, isTiny ? range.first : range.first + 1n);
  within(range, checkAddress(gateway));
  return { ...given, gateway };
}

/** A range that somebody asks for may be a part of what the host routes elsewhere; more of it, it may not. */
function collides({ range, owner }: Taken, asked: Range): boolean {
  return owner === 'network' ? overlap(range, asked) : contains(asked, range);
}

function within(range: Range, part: Range): void {
  if (contains(range, part)) return;
  const text = part.first === part.last ? formatNumber(part, part.first) : formatRange(part);
  throw invalid(`${text} is not in ${formatRange(range)}`, 'give an address or a range of the subnet');
}

function checkRange(text: string): Range {
  const range = parsed(text);
  if (!text.includes('/')) throw invalid(`no range of addresses: ${text}`, 'write it as 10.1.2.0/24');
  if (formatNumber(range, range.first) !== formatNumber(range, parsed(text.split('/')[0]!).first))
    throw invalid(`invalid range ${text}`, `write it as ${formatRange(range)}`);
  return range;
}

function checkAddress(text: string): Range {
  if (text.includes('/')) throw invalid(`no address: ${text}`, 'give it without the length of a prefix');
  return parsed(text);
}

function parsed(text: string): Range {
  try {
    return parseRange(text);
  } catch (error) {
    if (error instanceof TypeError) throw invalid(error.message, 'write it as 10.1.2.0/24 or fd00:1::/64');
    throw error;
  }
}

function invalid(message: string, hint: string): UsageError {
  return new UsageError('INVALID_SUBNET', message, { hint });
}
