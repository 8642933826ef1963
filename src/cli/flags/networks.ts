/** What `run` and `create` are told of networks: docker's flags, and its long form of --network. */
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { boolean } from '@oclif/core/flags';
import type { CreateOptions, EndpointOptions } from '../../engine.ts';
import { UsageError } from '../../errors.ts';
import { text, texts } from '../flags.ts';
import { invalidArgument } from './invalid.ts';
import { parseExpose, parsePublish } from './publish.ts';

const NETWORK = { helpGroup: 'NETWORK' };

export const networkFlags = {
  network: texts({
    description: 'a network to be on: its name or ID, host, none, or container:NAME; bridge without it',
    helpValue: 'NETWORK',
    aliases: ['net'],
    ...NETWORK,
  }),
  'network-alias': texts({
    description: 'one more name on the network',
    helpValue: 'NAME',
    aliases: ['net-alias'],
    ...NETWORK,
  }),
  ip: text({ description: 'the IPv4 address, as in 172.30.100.104', helpValue: 'ADDRESS', ...NETWORK }),
  ip6: text({ description: 'the IPv6 address, as in 2001:db8::33', helpValue: 'ADDRESS', ...NETWORK }),
  'mac-address': text({ description: 'the MAC address', helpValue: 'ADDRESS', ...NETWORK }),
  publish: texts({
    char: 'p',
    description: 'make a port reachable from outside',
    helpValue: '[[IP:]HOSTPORT:]PORT[/PROTOCOL]',
    ...NETWORK,
  }),
  'publish-all': boolean({
    char: 'P',
    description: 'the same for all exposed ports, on free ones',
    ...NETWORK,
  }),
  expose: texts({ description: 'a port that the program listens on', helpValue: 'PORT', ...NETWORK }),
};

export interface NetworkFlagValues {
  network?: string[] | undefined;
  'network-alias'?: string[] | undefined;
  ip?: string | undefined;
  ip6?: string | undefined;
  'mac-address'?: string | undefined;
  publish?: string[] | undefined;
  'publish-all'?: boolean | undefined;
  expose?: string[] | undefined;
}

/** The container's networks and ports. Throws UsageErrors in docker's words. */
export function readNetworkFlags(
  flags: NetworkFlagValues,
): Pick<CreateOptions, 'networks' | 'ports' | 'exposed' | 'publishAll'> {
  const [first = { network: 'bridge' }, ...others] = (flags.network ?? []).map(parseNetwork);
  return {
    networks: [withFlags(first, flags), ...others],
    ports: (flags.publish ?? []).flatMap(parsePublish),
    exposed: (flags.expose ?? []).flatMap(parseExpose),
    publishAll: flags['publish-all'] ?? false,
  };
}

/** A name, or `name=NAME,ip=ADDRESS,alias=NAME,...`. */
export function parseNetwork(value: string): EndpointOptions {
  if (!/^\w[\w-]*=/.test(value)) return { network: value === 'default' ? 'bridge' : value };
  const endpoint: EndpointOptions = { network: '', aliases: [], addresses: [] };
  for (const field of value.split(',')) {
    const equals = field.indexOf('=');
    if (equals === -1) throw invalidArgument('--network', value, { why: `invalid field ${field}` });
    setField(endpoint, {
      key: field.slice(0, equals).trim().toLowerCase(),
      text: field.slice(equals + 1).trim(),
    });
  }
  if (endpoint.network !== '') return endpoint;
  throw invalidArgument('--network', value, {
    why: 'network name/id is not specified',
    hint: 'add name=NAME',
  });
}

function setField(endpoint: EndpointOptions, { key, text: value }: { key: string; text: string }): void {
  const setters: Record<string, () => void> = {
    name: () => Object.assign(endpoint, { network: value === 'default' ? 'bridge' : value }),
    alias: () => endpoint.aliases!.push(parseAlias(value)),
    ip: () => endpoint.addresses!.push(parseFour(value)),
    ip6: () => endpoint.addresses!.push(parseSix(value)),
    'mac-address': () => Object.assign(endpoint, { mac: parseMac(value) }),
    'gw-priority': () => Object.assign(endpoint, { gatewayPriority: parsePriority(value) }),
  };
  const set = setters[key];
  if (!set) {
    throw invalidArgument('--network', `${key}=${value}`, {
      why: `invalid field key ${key}`,
      hint: `there are ${Object.keys(setters).join(', ')}`,
    });
  }
  set();
}

/** `-o KEY=VALUE` for each; `KEY` alone has an empty value, as docker has it. Throws a UsageError. */
export function parseDriverOptions(options: string[] = []): Record<string, string> {
  return Object.fromEntries(
    options.map((option) => {
      const [, key = '', value = ''] = /^([^=]*)(?:=([\s\S]*))?$/.exec(option) ?? [];
      if (key === '')
        throw invalidArgument('--opt', option, { why: 'it has no key', hint: 'write KEY=VALUE' });
      return [key, value];
    }),
  );
}

/** The flags that stand for themselves are about the first network. */
function withFlags(first: EndpointOptions, flags: NetworkFlagValues): EndpointOptions {
  const { aliases = [], addresses = [], mac } = first;
  const { 'network-alias': alias = [], ip, ip6, 'mac-address': macAddress } = flags;
  const conflicts: [boolean, string][] = [
    [alias.length > 0 && aliases.length > 0, '--network-alias and per-network alias'],
    [ip !== undefined && addresses.some(isIPv4), '--ip and per-network IPv4 address'],
    [ip6 !== undefined && addresses.some(isIPv6), '--ip6 and per-network IPv6 address'],
    [macAddress !== undefined && mac !== undefined, '--mac-address and per-network MAC address'],
  ];
  const conflict = conflicts.find(([holds]) => holds);
  if (conflict) {
    throw new UsageError('CONFLICTING_FLAGS', `conflicting options: cannot specify both ${conflict[1]}`, {
      hint: 'give it in one of the two places',
    });
  }
  return {
    ...first,
    aliases: [...aliases, ...alias.map(parseAlias)],
    addresses: [
      ...addresses,
      ...(ip === undefined ? [] : [parseFour(ip)]),
      ...(ip6 === undefined ? [] : [parseSix(ip6)]),
    ],
    ...(macAddress === undefined ? {} : { mac: parseMac(macAddress) }),
  };
}

/** A name that may stand in /etc/hosts: nothing else gets there. Throws a UsageError. */
export function parseAlias(value: string): string {
  if (/^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252}[A-Za-z0-9_])?$/.test(value) && isIP(value) === 0) return value;
  throw new UsageError('INVALID_ALIAS', `invalid network alias ${JSON.stringify(value)}`, {
    hint: 'an alias is a host name: letters, digits, "_", "." and "-"',
  });
}

export function parseFour(value: string): string {
  if (isIPv4(value)) return value;
  throw new UsageError('INVALID_ADDRESS', `invalid IPv4 address: ${value}`, { hint: 'as in 172.30.100.104' });
}

export function parseSix(value: string): string {
  if (isIPv6(value) && !value.includes('%')) return value;
  throw new UsageError('INVALID_ADDRESS', `invalid IPv6 address: ${value}`, { hint: 'as in 2001:db8::33' });
}

/** Six octets, in lower case. A group address is nobody's own (IEEE 802). */
export function parseMac(value: string): string {
  const mac = value.toLowerCase().replaceAll('-', ':');
  const isOne =
    /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac) && (Number.parseInt(mac.slice(0, 2), 16) & 1) === 0;
  if (isOne) return mac;
  throw new UsageError('INVALID_ADDRESS', `${value} is not a valid mac address`, {
    hint: 'as in 02:42:ac:11:00:02; the first octet is even',
  });
}

export function parsePriority(value: string): number {
  if (/^[+-]?\d{1,9}$/.test(value)) return Number(value);
  throw new UsageError('INVALID_NUMBER', `invalid gw-priority: ${value}`, { hint: 'it is a whole number' });
}
