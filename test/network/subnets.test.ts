import { describe, expect, it } from 'vitest';
import { contains, networkOf, parseRange } from '../../src/network/address.ts';
import { planSubnets } from '../../src/network/subnets.ts';

describe('--subnet, --gateway and --ip-range', () => {
  it('find each other', () => {
    const options = {
      subnets: ['10.1.0.0/24', 'fd00:1::/64'],
      gateways: ['fd00:1::9', '10.1.0.254'],
      ranges: ['10.1.0.128/25'],
      ipv6: true,
    };
    expect(planSubnets(options)).toEqual([
      { subnet: '10.1.0.0/24', gateway: '10.1.0.254', ipRange: '10.1.0.128/25' },
      { subnet: 'fd00:1::/64', gateway: 'fd00:1::9' },
    ]);
    expect(planSubnets({})).toEqual([]);
  });
  it.each([
    [{ subnets: ['10.9'] }, 'invalid CIDR address: "10.9"'],
    [{ subnets: ['10.0.0.0/33'] }, 'invalid CIDR address'],
    [{ subnets: ['0.0.0.0/0'] }, 'invalid CIDR address'],
    [{ subnets: ['10.0.0.0/24\n'] }, 'invalid CIDR address'],
    [{ subnets: ['10.0.0.5/24'] }, 'invalid subnet 10.0.0.5/24: it should be 10.0.0.0/24'],
    [{ subnets: ['10.0.0.0/24', '10.1.0.0/24'] }, 'at most one subnet of IPv4'],
    [{ subnets: ['fd00::/64'] }, 'needs --ipv6'],
    [{ subnets: ['10.0.0.0/24'], gateways: ['10.1.0.1'] }, 'no matching subnet for gateway 10.1.0.1'],
    [{ subnets: ['10.0.0.0/24'], gateways: ['foo'] }, 'invalid gateway address "foo"'],
    [{ gateways: ['10.1.0.1'] }, 'no matching subnet for gateway'],
    [{ subnets: ['10.0.0.0/24'], ranges: ['10.1.0.0/25'] }, 'no matching subnet for range 10.1.0.0/25'],
    [{ subnets: ['10.0.0.0/24'], ranges: ['10.0.0.0/23'] }, 'no matching subnet for range 10.0.0.0/23'],
    [{ subnets: ['10.0.0.0/24'], gateways: ['10.0.0.1', '10.0.0.2'] }, 'cannot configure multiple gateways'],
  ])('are refused: %j', (options, why) => expect(() => planSubnets(options)).toThrow(why));
});

describe('ranges', () => {
  it.each([
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['255.255.255.255/32', '255.255.255.255/32'],
    ['fd00:1:2:3:4:5:6:7/64', 'fd00:1:2:3::/64'],
    ['::ffff:1.2.3.4/128', '::ffff:102:304/128'],
    ['::/1', '::/1'],
  ])('%s is in %s', (text, network) => expect(networkOf(parseRange(text)!)).toBe(network));
  it('hold addresses of their family', () => {
    const range = parseRange('10.0.0.0/24')!;
    expect([contains(range, '10.0.0.255'), contains(range, '10.0.1.0'), contains(range, '::1')]).toEqual([
      true,
      false,
      false,
    ]);
    expect(contains(parseRange('fd00::/64')!, 'fd00::1')).toBe(true);
  });
});
