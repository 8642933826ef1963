import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DriverHost, Link, Netlink, Network } from '../../../src/driver/index.ts';
import { readJSON } from '../../read-json.ts';
import { replace } from '../../replace.ts';
import { hasIPv6 } from '../addresses/range.ts';
import { readSysctl, setSysctl } from '../sysctl.ts';

const IPV4 = 'ipv4/ip_forward';
const IPV6 = 'ipv6/conf/all/forwarding';

/**
 * Kinds of links that somebody may want forwarding for. Not veth: containers have a bridge, others' too, and one of ours without
 * is cut off and waits for whoever holds its namespace.
 */
const FORWARDED = ['bridge', 'tun', 'wireguard', 'vxlan'];

/**
 * Packets go from one interface to another only where the host is told to (ip-sysctl.rst). What is switched on is said, and
 * noted for `stopForwarding`. To be called with the lock held.
 */
export function startForwarding(host: DriverHost, netlink: Netlink, network: Network): void {
  const wanted = { ...missing(IPV4, '1'), ...(hasIPv6(network) && missingOfIPv6(netlink)) };
  const paths = Object.keys(wanted);
  if (paths.length === 0) return;
  const before = Object.fromEntries(paths.map((path) => [path, readSysctl(path)!]));
  replace(fileOf(host), JSON.stringify({ ...before, ...noted(host) }));
  for (const [path, value] of Object.entries(wanted)) setSysctl(path, value);
  const words = Object.entries(wanted).map(([path, value]) => `net.${path.replaceAll('/', '.')}=${value}`);
  host.log(`network ${network.name}: switched forwarding on (${words.join(', ')})`);
}

/**
 * Puts back what `startForwarding` changed, when the last bridge has gone and nothing is left that anybody else may
 * want it for. To be called with the lock held.
 */
export function stopForwarding(host: DriverHost, netlink: Netlink): void {
  const before = Object.entries(noted(host));
  if (before.length === 0 || netlink.links().some(needsForwarding)) return;
  for (const [path, value] of before) setSysctl(path, value);
  rmSync(fileOf(host), { force: true });
}

function needsForwarding({ kind }: Link): boolean {
  return FORWARDED.includes(kind ?? '');
}

/**
 * A host that forwards IPv6 takes no advertised routes any more, unless accept_ra is 2: the interface of its default
 * route goes on taking them.
 */
function missingOfIPv6(netlink: Netlink): Record<string, string> {
  const forwarding = missing(IPV6, '1');
  if (Object.keys(forwarding).length === 0) return {};
  const uplinks = netlink.routes().filter(({ to, via }) => to === 'default' && via?.includes(':'));
  const paths = uplinks.map(({ link }) => `ipv6/conf/${netlink.link(link ?? 0)?.name}/accept_ra`);
  const advertised = paths.filter((path) => readSysctl(path) === '1').map((path) => [path, '2']);
  return { ...Object.fromEntries(advertised), ...forwarding };
}

/** What has to be set: nothing where it is so already, or this kernel does not have it. */
function missing(path: string, value: string): Record<string, string> {
  const before = readSysctl(path);
  return before === undefined || before === value ? {} : { [path]: value };
}

function fileOf({ root }: DriverHost): string {
  return join(root, 'forwarding.json');
}

/** What was before, by the path below /proc/sys/net. */
function noted(host: DriverHost): Record<string, string> {
  return readJSON(fileOf(host)) ?? {};
}
