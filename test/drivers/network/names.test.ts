import { describe, expect, it } from 'vitest';
import { aliasOf, bridgeName, idIn, vethName } from '../../../drivers/network/bridge/names.ts';
import { checkInterfaceName, checkMac, macOf } from '../../../drivers/network/interface.ts';
import { checkOptions, mtuOf, wordOf } from '../../../drivers/network/options.ts';
import { ID, network } from './networks.ts';

const LONGEST = 15;

describe('names of interfaces', () => {
  it('are made of IDs, fit, and differ by container and by network', () => {
    const names = [vethName({ id: ID }, 'a'), vethName({ id: ID }, 'b'), vethName({ id: 'cd' }, 'a')];
    expect(new Set(names).size).toBe(3);
    expect(vethName({ id: ID }, 'a')).toBe(names[0]);
    for (const name of [...names, bridgeName(network())]) {
      expect(name.length).toBeLessThanOrEqual(LONGEST);
      expect(checkInterfaceName(name)).toBe(name);
    }
    expect(bridgeName(network())).toBe(`gk-${ID.slice(0, 12)}`);
  });

  it.each(['eth0', 'gocker0', 'br-lan.5', 'a'.repeat(15)])('may be %s', (name) => {
    expect(checkInterfaceName(name)).toBe(name);
  });

  it.each([
    '',
    '.',
    '..',
    '-rf',
    '--help',
    'a/b',
    '../../etc',
    'a b',
    'a\nb',
    'a\0b',
    'a:1',
    'eth%d',
    '$(x)',
    'é',
    'a'.repeat(16),
  ])('may not be %j', (name) => {
    expect(() => checkInterfaceName(name)).toThrow(/invalid name of an interface/);
  });
});

describe('MAC addresses', () => {
  it('are locally administered, and the same each time', () => {
    expect(macOf(ID, 'a')).toMatch(/^02:42(:[0-9a-f]{2}){4}$/);
    expect(macOf(ID, 'a')).toBe(macOf(ID, 'a'));
    expect(macOf(ID, 'a')).not.toBe(macOf(ID, 'b'));
    expect(checkMac(macOf(ID, 'a'))).toBe(macOf(ID, 'a'));
  });

  it.each(['01:00:5e:00:00:01', 'ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00', '02:42', '02-42-00-00-00-01', ''])(
    'may not be %j',
    (mac) => {
      expect(() => checkMac(mac)).toThrow(/invalid MAC address/);
    },
  );
});

describe('the words on a link', () => {
  it('hold the ID of whose it is, and nothing else is taken for it', () => {
    expect(idIn(aliasOf(ID))).toBe(ID);
    for (const alias of [undefined, '', 'gocker:', `x${aliasOf(ID)}`, `${aliasOf(ID)}\n`])
      expect(idIn(alias)).toBeUndefined();
  });
});

describe('options', () => {
  it('go by docker\u2019s names', () => {
    checkOptions(network({ options: { some: 'false', mtu: '1200' } }), ['some']);
    checkOptions(network({ options: { mtu: '1280' }, ipv6: true }), []);
    expect(mtuOf({ 'com.docker.network.driver.mtu': '9000' })).toBe(9000);
    expect(mtuOf({})).toBeUndefined();
  });

  it('that nobody knows are refused', () => {
    expect(() => checkOptions(network({ options: { nmae: 'x' } }), ['name'])).toThrow(/unknown option/);
    for (const mtu of ['67', '65536', '1e3', '', '-1'])
      expect(() => checkOptions(network({ options: { mtu } }), [])).toThrow(/invalid MTU/);
  });

  it('leave IPv6 the room that it needs', () => {
    const options = { mtu: '1279' };
    for (const some of [{ ipv6: true }, { subnets: [{ subnet: 'fd00:7::/64' }] }])
      expect(() => checkOptions(network({ options, ...some }), [])).toThrow('invalid MTU for IPv6: 1279');
  });

  it('are one of some words, the first when none is given', () => {
    const words = ['bridge', 'private'] as const;
    expect([wordOf({}, 'mode', words), wordOf({ mode: 'private' }, 'mode', words)]).toEqual(words);
    expect(() => wordOf({ mode: 'vepa' }, 'mode', words)).toThrow('invalid mode: vepa');
  });
});
