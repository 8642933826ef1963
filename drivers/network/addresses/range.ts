import { formatAddress, parsePrefix } from '../../../src/driver/address.ts';
import type { Network } from '../../../src/driver/index.ts';

/** A range of addresses as numbers, both ends of it; `family` tells ranges of 32 and of 128 bits apart. */
export interface Range {
  family: 4 | 6;
  first: bigint;
  last: bigint;
  /** Length of the prefix. */
  length: number;
}

/** `172.29.0.0/16`, or an address alone. Bits beyond the prefix are dropped. Throws a TypeError. */
export function parseRange(text: string): Range {
  const { address, length } = parsePrefix(text);
  const bits = address.length * 8;
  const size = 1n << BigInt(bits - length);
  const value = BigInt(`0x${address.toString('hex')}`);
  const first = value - (value % size);
  return { family: bits === 32 ? 4 : 6, first, last: first + size - 1n, length };
}

export function formatRange(range: Range): string {
  return `${formatNumber(range, range.first)}/${range.length}`;
}

/** An address of that range's family. */
export function formatNumber({ family }: Pick<Range, 'family'>, value: bigint): string {
  const hex = value.toString(16).padStart(family === 4 ? 8 : 32, '0');
  return formatAddress(Buffer.from(hex, 'hex'));
}

/** True when they share an address. */
export function overlap(a: Range, b: Range): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

/** True when all of `inner` is in `outer`. */
export function contains(outer: Range, inner: Range): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

export function hasIPv6({ subnets }: Network): boolean {
  return subnets.some(({ subnet }) => parseRange(subnet!).family === 6);
}
