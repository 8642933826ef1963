import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress, parsePrefix } from '../../../native/netlink/ip.ts';

describe('addresses', () => {
  it.each([
    ['172.29.0.1', '172.29.0.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['::', '::'],
    ['::1', '::1'],
    ['fd00::', 'fd00::'],
    ['FD00:0:0:0:0:0:0:1', 'fd00::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4'],
    ['::ffff:10.1.2.3', '::ffff:a01:203'],
    ['1:2:3:4:5:6:0:0', '1:2:3:4:5:6::'],
  ])('reads %s as %s (RFC 5952)', (text, canonical) => {
    expect(formatAddress(parseAddress(text))).toBe(canonical);
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    'fe80::1%eth0',
    '1::2::3',
    'eth0',
    '1.2.3.4/24',
    ' 1.2.3.4',
  ])('refuses %j', (text) => {
    expect(() => parseAddress(text)).toThrow(TypeError);
  });
});

describe('prefixes', () => {
  it('reads a length, and takes all of an address where there is none', () => {
    expect(parsePrefix('10.0.0.1/8')).toEqual({ address: Buffer.from([10, 0, 0, 1]), length: 8 });
    expect(parsePrefix('10.0.0.1').length).toBe(32);
    expect(parsePrefix('fd00::/0').length).toBe(0);
  });

  it.each(['10.0.0.1/', '10.0.0.1/33', '10.0.0.1/-1', '10.0.0.1/8x', '10.0.0.1/0x8', 'fd00::/129'])(
    'refuses %s',
    (text) => {
      expect(() => parsePrefix(text)).toThrow(TypeError);
    },
  );
});
