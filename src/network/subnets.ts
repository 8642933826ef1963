/** `--subnet`, `--gateway` and `--ip-range` put together as docker does it. Pure. */

import type { Subnet } from '../driver/index.ts';
import { UsageError } from '../errors.ts';
import { contains, isAddress, networkOf, parseRange } from './address.ts';

export interface SubnetOptions {
  /** Each as the user typed them. */
  subnets?: string[];
  gateways?: string[];
  ranges?: string[];
  ipv6?: boolean;
}

const HINT = 'a subnet is written as 10.1.0.0/24 or fd00:1::/64, a gateway as one of its addresses';

/** Gateways and ranges go to the subnet that they are part of. Throws UsageErrors in docker's words. */
export function planSubnets(options: SubnetOptions): Subnet[] {
  const { subnets = [], gateways = [], ranges = [], ipv6 = false } = options;
  const planned: Subnet[] = subnets.map((subnet) => ({ subnet: checkSubnet(subnet) }));
  checkFamilies(planned, ipv6);
  for (const text of ranges) assign(planned, 'ipRange', checkRange(text));
  for (const text of gateways) assign(planned, 'gateway', checkGateway(text));
  return planned;
}

function checkSubnet(text: string): string {
  const exact = networkOf(parse(text));
  if (exact === text.toLowerCase()) return exact;
  throw invalid(`invalid subnet ${text}: it should be ${exact}`);
}

function checkRange(text: string): string {
  parse(text);
  return text.toLowerCase();
}

function checkGateway(text: string): string {
  if (isAddress(text)) return text.toLowerCase();
  throw invalid(`invalid gateway address ${JSON.stringify(text)}`);
}

function parse(text: string) {
  const range = parseRange(text);
  if (range && range.prefix > 0) return range;
  throw invalid(`invalid CIDR address: ${JSON.stringify(text)}`);
}

function checkFamilies(planned: Subnet[], ipv6: boolean): void {
  const six = planned.filter(({ subnet }) => subnet?.includes(':')).length;
  if (six > 1 || planned.length - six > 1) {
    throw invalid('a network has at most one subnet of IPv4 and one of IPv6');
  }
  if (six > 0 && !ipv6) throw invalid('a subnet of IPv6 needs --ipv6');
}

function assign(planned: Subnet[], key: 'gateway' | 'ipRange', text: string): void {
  const what = key === 'gateway' ? 'gateway' : 'range';
  const address = text.split('/')[0]!;
  const home = planned.find(({ subnet }) => contains(parseRange(subnet!)!, address));
  if (home === undefined) throw invalid(`no matching subnet for ${what} ${text}`);
  if (home[key] !== undefined)
    throw invalid(`cannot configure multiple ${what}s on a subnet (${text}, ${home[key]})`);
  if (key === 'ipRange' && parseRange(text)!.prefix < parseRange(home.subnet!)!.prefix) {
    throw invalid(`no matching subnet for range ${text}`);
  }
  home[key] = text;
}

function invalid(message: string): UsageError {
  return new UsageError('INVALID_SUBNET', message, { hint: HINT });
}
