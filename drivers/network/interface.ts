import { createHash } from 'node:crypto';
import { UsageError } from '../../src/errors.ts';

/** A locally administered address of 32 bits of a digest: what is asked for twice is the same. */
export function macOf(...of: string[]): string {
  const digits = digestOf(...of);
  return ['02', '42', ...[0, 2, 4, 6].map((at) => digits.slice(at, at + 2))].join(':');
}

/** Throws UsageError for what no interface can have: a multicast address, or none at all. */
export function checkMac(mac: string): string {
  const isUnicast = /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/i.test(mac) && !/^(00:){5}00$/.test(mac);
  if (isUnicast) return mac.toLowerCase();
  throw new UsageError('INVALID_MAC', `invalid MAC address ${JSON.stringify(mac)}`, {
    hint: 'write it as 02:42:ac:11:00:02; the last bit of its first byte must be 0',
  });
}

/** Throws UsageError for what the kernel takes for no interface's name, and for what would be a path. */
export function checkInterfaceName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/.test(name)) return name;
  throw new UsageError('INVALID_INTERFACE', `invalid name of an interface: ${JSON.stringify(name)}`, {
    hint: 'it has up to 15 letters, digits, and _ . - after a letter or digit',
  });
}

/** A name of 15 characters for what belongs to these: the same ones always have the same. */
export function ownName(prefix: string, ...of: string[]): string {
  return `${prefix}${digestOf(...of)}`.slice(0, 15);
}

/** Hex digits that are always the same for the same words. */
function digestOf(...parts: string[]): string {
  return createHash('sha256').update(parts.join('/')).digest('hex');
}
