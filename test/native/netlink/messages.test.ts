import { describe, expect, it } from 'vitest';
import { addAddressMessage, decodeAddress } from '../../../native/netlink/address.ts';
import { decodeAttributes } from '../../../native/netlink/attributes.ts';
import { IFA, IFA_F_NODAD, IFLA } from '../../../native/netlink/constants.ts';
import { changeLinkMessage, createLinkMessage, decodeLink } from '../../../native/netlink/link.ts';
import { decodeMessages, encodeMessage } from '../../../native/netlink/message.ts';
import { decodeNeighbour, setNeighbourMessage } from '../../../native/netlink/neighbour.ts';
import { addRouteMessage, decodeRoute } from '../../../native/netlink/route.ts';
import { describeMessages } from '../../../native/netlink/words.ts';

const words = (message: Parameters<typeof encodeMessage>[0]) => describeMessages(encodeMessage(message, 1));

describe('what is encoded decodes again', () => {
  it('for links', () => {
    const link = { name: 'gocker0', mtu: 1400, mac: '02:42:ac:1d:00:01', master: 7, up: true, alias: 'x' };
    expect(decodeLink(changeLinkMessage(9, link).body)).toEqual({ index: 9, ...link });
  });

  it.each(['172.29.0.2/16', '10.0.0.1/32', 'fd00::2/64'])('for the address %s', (address) => {
    expect(decodeAddress(addAddressMessage({ link: 3, address }).body)).toEqual({ link: 3, address });
  });

  it.each([
    { to: 'default', via: '172.29.0.1', link: 2 },
    { to: '10.0.0.0/8', link: 2, metric: 5 },
    { to: 'default', via: 'fd00::1' },
    { to: 'fd00:1::/64', link: 4 },
  ])('for the route $to', (route) => {
    expect(decodeRoute(addRouteMessage(route).body)).toMatchObject(route);
  });

  it('for neighbours', () => {
    const neighbour = { link: 2, address: 'fd00::9', mac: '02:42:00:00:00:09' };
    expect(decodeNeighbour(setNeighbourMessage(neighbour).body)).toEqual(neighbour);
  });
});

describe('addresses', () => {
  it('of IPv4 have a broadcast address where the range has one', () => {
    const broadcast = (address: string) =>
      decodeAttributes(addAddressMessage({ link: 1, address }).body.subarray(8)).get(IFA.BROADCAST);
    expect([...broadcast('172.29.5.2/16')!]).toEqual([172, 29, 255, 255]);
    expect([...broadcast('10.0.0.1/30')!]).toEqual([10, 0, 0, 3]);
    expect(broadcast('10.0.0.1/31')).toBeUndefined();
  });

  it('of IPv6 are not asked about on the wire', () => {
    const flagsOf = (address: string) => addAddressMessage({ link: 1, address }).body.readUInt8(2);
    expect(flagsOf('fd00::2/64')).toBe(IFA_F_NODAD);
    expect(flagsOf('10.0.0.1/8')).toBe(0);
  });
});

describe('links', () => {
  it('end up down or up only when that is asked for', () => {
    const meant = (up?: boolean) =>
      changeLinkMessage(1, up === undefined ? {} : { up }).body.readUInt32LE(12);
    expect([meant(), meant(true), meant(false)]).toEqual([0, 1, 1]);
  });

  it.each(['02:42:ac:1d:00', '02:42:ac:1d:00:0g', '', '02-42-ac-1d-00-01'])('have no MAC %j', (mac) => {
    expect(() => changeLinkMessage(1, { mac })).toThrow(TypeError);
  });

  it('have no name with a NUL in it', () => {
    expect(() => createLinkMessage({ name: 'a\0b', kind: 'bridge' })).toThrow(/NUL/);
    expect(
      decodeAttributes(createLinkMessage({ name: 'ab', kind: 'bridge' }).body.subarray(16)).has(IFLA.IFNAME),
    ).toBe(true);
  });
});

describe('words', () => {
  it('tell a veth pair, the namespace of its other end and the bridge', () => {
    const peer = { name: 'eth0', netns: { fd: 20 } };
    expect(words(createLinkMessage({ name: 'veth1', kind: 'veth', master: 3, peer }))).toBe(
      'RTM_NEWLINK CREATE|EXCL {"name":"veth1","master":3,"kind":"veth","peer":{"name":"eth0","netns":"fd 20"}}',
    );
  });

  it('tell a macvlan and the device below', () => {
    const link = { name: 'eth0', kind: 'macvlan', parent: 2, macvlan: { mode: 'bridge' } } as const;
    expect(words(createLinkMessage(link))).toBe(
      'RTM_NEWLINK CREATE|EXCL {"name":"eth0","kind":"macvlan","parent":2}',
    );
  });

  it('tell addresses and routes', () => {
    expect(words(addAddressMessage({ link: 2, address: '10.0.0.2/8' }))).toBe(
      'RTM_NEWADDR CREATE|EXCL {"link":2,"address":"10.0.0.2/8"}',
    );
    expect(words(addRouteMessage({ to: 'default', via: '10.0.0.1' }))).toContain('"via":"10.0.0.1"');
  });

  it('tell the length of what is no message', () => {
    expect(describeMessages(Buffer.from('hello'))).toBe('[5 bytes]');
  });
});

describe('datagrams', () => {
  it('are read message by message, what is cut short is left out', () => {
    const one = encodeMessage({ type: 1, flags: 2, body: Buffer.from('abc') }, 7);
    const two = encodeMessage({ type: 3, flags: 4, body: Buffer.alloc(0) }, 8);
    const read = decodeMessages(Buffer.concat([one, two, Buffer.from([99, 0, 0, 0])]));
    expect(read.map(({ type, sequence, body }) => [type, sequence, body.toString()])).toEqual([
      [1, 7, 'abc'],
      [3, 8, ''],
    ]);
  });
});
