import type { Network } from '../../src/driver/index.ts';
import { UsageError } from '../../src/errors.ts';

const MTU = 'com.docker.network.driver.mtu';
const SHORT_MTU = 'mtu';

type Options = Record<string, string>;

/** Throws UsageError for an option that the driver does not know, and for an MTU that cannot be. */
export function checkOptions(network: Network, known: string[]): void {
  const all = [...known, MTU, SHORT_MTU];
  const unknown = Object.keys(network.options).find((key) => !all.includes(key));
  if (unknown !== undefined)
    throw invalid(`unknown option of driver ${network.driver}: ${unknown}`, `it knows ${all.join(', ')}`);
  checkMtu(network);
}

/** Bytes; undefined when nobody asked for any. 68 is the least that IPv4 takes (RFC 791). */
export function mtuOf(options: Options): number | undefined {
  const text = options[MTU] ?? options[SHORT_MTU];
  if (text === undefined) return undefined;
  const mtu = Number(text);
  if (/^\d+$/.test(text) && mtu >= 68 && mtu <= 65535) return mtu;
  throw invalid(`invalid MTU: ${text}`, 'give a number from 68 to 65535');
}

/** The least that IPv6 takes (RFC 8200, section 5): with less the kernel has none on a link. */
export const IPV6_MTU = 1280;

/** Throws UsageError where IPv6 is asked for on links that are too narrow for it. */
function checkMtu({ options, ipv6, subnets }: Network): void {
  const hasIPv6 = ipv6 || subnets.some(({ subnet }) => subnet?.includes(':'));
  const mtu = mtuOf(options) ?? IPV6_MTU;
  if (hasIPv6 && mtu < IPV6_MTU)
    throw invalid(`invalid MTU for IPv6: ${mtu}`, `give ${IPV6_MTU} or more, or leave out IPv6`);
}

/** One of several words, the first one when nobody asked for any. */
export function wordOf<W extends string>(options: Options, key: string, words: readonly [W, ...W[]]): W {
  const asked = options[key];
  const found = words.find((word) => word === (asked ?? words[0]));
  if (found !== undefined) return found;
  throw invalid(`invalid ${key}: ${asked}`, `choose one of ${words.join(', ')}`);
}

function invalid(message: string, hint: string): UsageError {
  return new UsageError('INVALID_OPTION', message, { hint });
}
