/** IP addresses and ranges of both families. Pure. */
import { BlockList, isIP, isIPv4 } from 'node:net';

export interface Range {
  address: string;
  prefix: number;
}

export function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

/** `10.0.0.0/8`; undefined for what is none. */
export function parseRange(text: string): Range | undefined {
  const [, address = '', digits = ''] = /^([^/]*)\/(\d{1,3})$/.exec(text) ?? [];
  const prefix = Number(digits);
  if (!isAddress(address) || prefix > (isIPv4(address) ? 32 : 128)) return undefined;
  return { address, prefix };
}

export function contains({ address, prefix }: Range, wanted: string): boolean {
  if (!isAddress(wanted) || isIPv4(address) !== isIPv4(wanted)) return false;
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(address, prefix, family);
  return list.check(wanted, family);
}

/** The range with all bits behind its prefix zero, as RFC 5952 writes addresses. */
export function networkOf({ address, prefix }: Range): string {
  const width = isIPv4(address) ? 32n : 128n;
  const shift = width - BigInt(prefix);
  const bits = (bitsOf(address) >> shift) << shift;
  return `${width === 32n ? formatFour(bits) : formatSix(bits)}/${prefix}`;
}

function bitsOf(address: string): bigint {
  if (isIPv4(address)) return address.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
  // The URL parser writes all forms of IPv6, also those that end as IPv4, in one.
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  const gap = Array<string>(tail === undefined ? 0 : 8 - before.length - after.length).fill('0');
  const parts = [...before, ...gap, ...after];
  return parts.reduce((bits, part) => (bits << 16n) | BigInt(`0x${part}`), 0n);
}

function formatFour(bits: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join('.');
}

function formatSix(bits: bigint): string {
  const parts = Array.from({ length: 8 }, (_, at) =>
    ((bits >> BigInt(112 - at * 16)) & 0xffffn).toString(16),
  );
  return new URL(`http://[${parts.join(':')}]`).hostname.slice(1, -1);
}
