import { BlockList, isIP } from 'node:net';

/** How far an address given as a literal reaches; names count as public, but for `localhost`. */
export type Reach = 'loopback' | 'link-local' | 'private' | 'public';

const RANGES: [Reach, string, number][] = [
  ['loopback', '127.0.0.0', 8],
  ['loopback', '::1', 128],
  // "This host": connects to loopback on Linux.
  ['link-local', '0.0.0.0', 8],
  ['link-local', '::', 128],
  ['link-local', '169.254.0.0', 16],
  ['link-local', 'fe80::', 10],
  ['private', '10.0.0.0', 8],
  ['private', '172.16.0.0', 12],
  ['private', '192.168.0.0', 16],
  ['private', '100.64.0.0', 10],
  ['private', 'fc00::', 7],
];

const LISTS = RANGES.map(([reach, net, prefix]) => {
  const list = new BlockList();
  list.addSubnet(net, prefix, isIP(net) === 6 ? 'ipv6' : 'ipv4');
  return { reach, list };
});

/** The reach of a URL's `hostname` (IANA special-purpose address registries). */
export function reachOf(hostname: string): Reach {
  const name = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (name === 'localhost' || name.endsWith('.localhost')) return 'loopback';
  const family = isIP(name);
  if (family === 0) return 'public';
  const found = LISTS.find(({ list }) => list.check(name, family === 6 ? 'ipv6' : 'ipv4'));
  return found?.reach ?? 'public';
}

/**
 * True when a server at `from` may send us on to `to`: nobody outside gets us to talk to this machine, its link or,
 * where `strict`, its private network. The same host is always fine.
 */
export function maySendTo(from: URL, to: URL, { strict }: { strict: boolean }): boolean {
  if (from.hostname === to.hostname) return true;
  const [here, there] = [reachOf(from.hostname), reachOf(to.hostname)];
  if (there === 'public') return true;
  if (there === 'private') return !strict;
  return there === 'loopback' && here === 'loopback';
}
