import { describe, expect, it } from 'vitest';
import { parseDriverOptions, readNetworkFlags } from '../../../src/cli/flags/networks.ts';

const read = (flags: Parameters<typeof readNetworkFlags>[0]) => readNetworkFlags(flags).networks;

describe('--network', () => {
  it('is the default bridge without one, and by docker’s word for it', () => {
    expect(read({})).toEqual([{ network: 'bridge', aliases: [], addresses: [] }]);
    expect(read({ network: ['default'] })).toEqual([{ network: 'bridge', aliases: [], addresses: [] }]);
  });
  it('may be given several times; flags beside it are about the first', () => {
    const flags = {
      network: ['a', 'b'],
      'network-alias': ['x'],
      ip: '10.0.0.9',
      'mac-address': '02-42-AC-00-00-01',
    };
    expect(read(flags)).toEqual([
      { network: 'a', aliases: ['x'], addresses: ['10.0.0.9'], mac: '02:42:ac:00:00:01' },
      { network: 'b' },
    ]);
  });
  it('has a long form', () => {
    const value =
      'name=a,ip=10.0.0.9,ip6=fd00::9,alias=x,alias=y,mac-address=02:42:ac:00:00:01,gw-priority=-3';
    expect(read({ network: [value], 'network-alias': [] })).toEqual([
      {
        network: 'a',
        aliases: ['x', 'y'],
        addresses: ['10.0.0.9', 'fd00::9'],
        mac: '02:42:ac:00:00:01',
        gatewayPriority: -3,
      },
    ]);
  });
  it.each([
    ['alias=x', 'network name/id is not specified'],
    ['name=a,foo=1', 'invalid field key foo'],
    ['name=a,alias', 'invalid field alias'],
    ['name=a,ip=1.2.3', 'invalid IPv4 address: 1.2.3'],
    ['name=a,ip6=1.2.3.4', 'invalid IPv6 address: 1.2.3.4'],
    ['name=a,mac-address=xx', 'xx is not a valid mac address'],
    ['name=a,gw-priority=x', 'invalid gw-priority'],
  ])('refuses %s', (value, why) => expect(() => read({ network: [value] })).toThrow(why));
  it.each([
    [{ network: ['name=a,alias=x'], 'network-alias': ['y'] }, '--network-alias and per-network alias'],
    [{ network: ['name=a,ip=10.0.0.1'], ip: '10.0.0.2' }, '--ip and per-network IPv4 address'],
    [{ network: ['name=a,ip6=fd00::1'], ip6: 'fd00::2' }, '--ip6 and per-network IPv6 address'],
    [
      { network: ['name=a,mac-address=02:00:00:00:00:01'], 'mac-address': '02:00:00:00:00:02' },
      '--mac-address and per-network MAC address',
    ],
  ])('says a thing once: %j', (flags, why) =>
    expect(() => read(flags)).toThrow(`cannot specify both ${why}`),
  );
  it('takes one address of each family from both places', () => {
    const [first] = read({ network: ['name=a,ip=10.0.0.1'], ip6: 'fd00::2' }) ?? [];
    expect(first?.addresses).toEqual(['10.0.0.1', 'fd00::2']);
  });
});

describe('what gets into other containers’ hosts files', () => {
  it.each(['db', 'db.example.org', 'a_b-c', '0db'])('may be an alias: %s', (alias) =>
    expect(read({ network: ['a'], 'network-alias': [alias] })?.[0]?.aliases).toEqual([alias]),
  );
  it.each([
    '',
    'a\n1.2.3.4 b',
    'a b',
    'a\tb',
    'a#b',
    '-a',
    '.a',
    'a.',
    '1.2.3.4',
    '::1',
    'ä',
    'a\0b',
    'x'.repeat(255),
  ])('is no alias: %j', (alias) =>
    expect(() => read({ network: ['a'], 'network-alias': [alias] })).toThrow('invalid network alias'),
  );
  it.each(['02:42:ac:11:00', '03:42:ac:11:00:02', '02:42:ac:11:00:0g'])('%s is no address of one', (mac) =>
    expect(() => read({ 'mac-address': mac })).toThrow('is not a valid mac address'),
  );
});

it('options of a driver are words and values', () => {
  expect(parseDriverOptions(['a=1', 'b=x=y', 'c'])).toEqual({ a: '1', b: 'x=y', c: '' });
  expect(() => parseDriverOptions(['=1'])).toThrow('it has no key');
});
