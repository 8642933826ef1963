import { UsageError } from '../../../src/errors.ts';
import { BRIDGE_NAME } from './names.ts';

export const MTU = 'com.docker.network.driver.mtu';
const SHORT_MTU = 'mtu';
/** `false`: what leaves the network keeps its address, which others then have to have a route to. */
export const MASQUERADE = 'com.docker.network.bridge.enable_ip_masquerade';

/** docker's names, so that its commands and compose files work as they are. */
const KNOWN = [
  BRIDGE_NAME,
  MTU,
  SHORT_MTU,
  'com.docker.network.bridge.enable_icc',
  MASQUERADE,
  'com.docker.network.bridge.host_binding_ipv4',
  'com.docker.network.bridge.default_bridge',
];

/** Throws UsageError for an option that nobody knows, or that cannot be. */
export function checkOptions(options: Record<string, string>): void {
  const unknown = Object.keys(options).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined)
    throw new UsageError('INVALID_OPTION', `unknown option of driver bridge: ${unknown}`, {
      hint: `it knows ${KNOWN.join(', ')}`,
    });
  mtuOf(options);
}

/** Bytes; undefined when nobody asked for any. 68 is the least that IPv4 takes (RFC 791). */
export function mtuOf(options: Record<string, string>): number | undefined {
  const text = options[MTU] ?? options[SHORT_MTU];
  if (text === undefined) return undefined;
  const mtu = Number(text);
  if (/^\d+$/.test(text) && mtu >= 68 && mtu <= 65535) return mtu;
  throw new UsageError('INVALID_OPTION', `invalid MTU: ${text}`, { hint: 'give a number from 68 to 65535' });
}
