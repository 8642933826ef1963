import { describe, expect, it } from 'vitest';
import { chooseSubnets } from '../../../drivers/network/addresses/choose.ts';
import { parseRange } from '../../../drivers/network/addresses/range.ts';
import type { Taken } from '../../../drivers/network/addresses/taken.ts';
import type { Network } from '../../../src/driver/index.ts';
import { network } from './networks.ts';

const host = (subnet: string): Taken => ({ range: parseRange(subnet), owner: 'host', by: 'eth0' });
const other = (subnet: string): Taken => ({
  range: parseRange(subnet),
  owner: 'network',
  by: 'network other',
});

function choose(some: Partial<Network> = {}, taken: Taken[] = [], first: string[] = []) {
  return chooseSubnets({ network: network(some), taken, first });
}

describe('a range that is left open', () => {
  it('is the first one that was asked for, if nobody has it', () => {
    const first = ['172.29.0.0/16'];
    expect(choose({}, [], first)).toEqual([{ subnet: '172.29.0.0/16', gateway: '172.29.0.1' }]);
    expect(choose({}, [host('172.29.7.0/24')], first)[0]?.subnet).toBe('172.30.0.0/16');
    expect(choose({}, [host('172.16.0.0/12')], first)[0]?.subnet).toBe('10.29.0.0/24');
  });

  it('overlaps with no other network', () => {
    const taken = [other('172.30.128.0/17'), other('172.31.0.0/16'), other('10.29.0.0/23')];
    expect(choose({}, taken)[0]?.subnet).toBe('10.29.2.0/24');
  });

  it('is refused when everything is taken', () => {
    expect(() => choose({}, [host('172.16.0.0/12'), host('10.0.0.0/8')])).toThrow(
      'no free range of addresses for network some',
    );
  });

  it('of IPv6 is of the network\u2019s ID alone, and another where that is taken', () => {
    const [, six] = choose({ ipv6: true });
    expect(six?.subnet).toMatch(/^fd[0-9a-f:]+::\/64$/);
    expect(six?.gateway).toBe(six?.subnet?.replace('/64', '1'));
    expect(choose({ ipv6: true })[1]).toEqual(six);
    expect(choose({ ipv6: true, id: 'cd'.repeat(32) })[1]?.subnet).not.toBe(six?.subnet);
    expect(choose({ ipv6: true }, [host(six!.subnet!)])[1]?.subnet).toBe(six?.subnet?.replace('::', ':1::'));
  });
});

describe('a range that is given', () => {
  it('stays, and so does its gateway', () => {
    const subnets = [{ subnet: '10.1.0.0/24', gateway: '10.1.0.254', ipRange: '10.1.0.128/25' }];
    expect(choose({ subnets })).toEqual(subnets);
  });

  it('gets its first address as gateway', () => {
    expect(choose({ subnets: [{ subnet: '10.1.0.0/24' }] })[0]?.gateway).toBe('10.1.0.1');
    expect(choose({ subnets: [{ subnet: '10.1.0.6/31' }] })[0]?.gateway).toBe('10.1.0.6');
    expect(choose({ subnets: [{ subnet: 'fd00:7::/64' }], ipv6: true })[1]?.gateway).toBe('fd00:7::1');
  });

  it('of IPv6 alone gets one of IPv4 beside it', () => {
    expect(choose({ subnets: [{ subnet: 'fd00:7::/64' }] }).map(({ subnet }) => subnet)).toEqual([
      '172.30.0.0/16',
      'fd00:7::/64',
    ]);
  });

  it('may be a part of what the host routes elsewhere, and not more', () => {
    const subnets = [{ subnet: '10.1.0.0/16' }];
    expect(choose({ subnets }, [host('10.0.0.0/8')])[0]?.subnet).toBe('10.1.0.0/16');
    expect(() => choose({ subnets }, [host('10.1.0.0/16')])).toThrow(/overlaps with 10.1.0.0\/16 of eth0/);
    expect(() => choose({ subnets }, [host('10.1.2.0/24')])).toThrow(/overlaps with 10.1.2.0\/24 of eth0/);
  });

  it('may be the host\u2019s own where the network is', () => {
    const of = network({ subnets: [{ subnet: '10.1.0.0/16' }] });
    const taken = [host('10.1.0.0/16')];
    expect(chooseSubnets({ network: of, taken, isHosts: true })[0]?.subnet).toBe('10.1.0.0/16');
    expect(() => chooseSubnets({ network: of, taken: [other('10.1.0.0/16')], isHosts: true })).toThrow(
      /network other/,
    );
    const open = chooseSubnets({ network: network(), taken: [host('172.30.0.0/15')], isHosts: true });
    expect(open[0]?.subnet).toBe('10.29.0.0/24');
  });

  it('never overlaps with another network', () => {
    const subnets = [{ subnet: '10.1.0.0/16' }];
    expect(() => choose({ subnets }, [other('10.0.0.0/8')])).toThrow(/of network other/);
    expect(choose({ subnets }, [other('10.2.0.0/16')])).toHaveLength(1);
  });

  it.each([
    [{ subnet: '10.1.2.3/24' }, /invalid range 10.1.2.3\/24/],
    [{ subnet: '10.1.2.0' }, /no range of addresses/],
    [{ subnet: '10.1.2.0/33' }, /no IP prefix/],
    [{ subnet: '10.1.2.0/24; reboot' }, /no IP/],
    [{ subnet: '10.1.2.0/24', gateway: '10.1.3.1' }, /10.1.3.1 is not in 10.1.2.0\/24/],
    [{ subnet: '10.1.2.0/24', gateway: '10.1.2.1/24' }, /no address/],
    [{ subnet: '10.1.2.0/24', gateway: 'fd00::1' }, /fd00::1 is not in/],
    [{ subnet: '10.1.2.0/24', ipRange: '10.1.0.0/16' }, /10.1.0.0\/16 is not in 10.1.2.0\/24/],
  ])('is refused as %o', (subnet, message) => {
    expect(() => choose({ subnets: [subnet] })).toThrow(message);
  });

  it('is refused beside another one of its family', () => {
    const subnets = [{ subnet: '10.1.0.0/24' }, { subnet: '10.2.0.0/24' }];
    expect(() => choose({ subnets })).toThrow(/two ranges of one family/);
  });
});
