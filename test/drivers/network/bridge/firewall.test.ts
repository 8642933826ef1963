import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  everyNetworkElement,
  networkElements,
} from '../../../../drivers/network/bridge/firewall/elements.ts';
import {
  addressFor,
  collides,
  publicationElements,
} from '../../../../drivers/network/bridge/firewall/publication.ts';
import { tableText, VERSION } from '../../../../drivers/network/bridge/firewall/table.ts';
import type { PublishedPort } from '../../../../src/driver/index.ts';

const network = { id: 'a'.repeat(64), bridge: 'gocker0', internal: false, masquerade: true };
const port: PublishedPort = { hostIp: '0.0.0.0', hostPort: 8080, containerPort: 80, protocol: 'tcp' };
const hex = ({ key, value }: { key: Buffer; value?: Buffer | undefined }) =>
  [key, value].map((one) => one?.toString('hex'));

function elementOf(of: Partial<PublishedPort>) {
  const ports = [{ ...port, ...of }];
  const base = {
    containerId: 'c'.repeat(64),
    networkId: network.id,
    name: 'web',
    holder: '1:1',
    netns: { path: '', inode: 1, boot: '' },
  };
  const elements = publicationElements({ ...base, addresses: ['172.29.0.2', 'fd00::2'], ports });
  return elements.at(-1)!;
}

describe('the table', () => {
  it('gets another version whenever its text changes: what stands is told by it', () => {
    const digest = createHash('sha256')
      .update(tableText({ replacing: false }))
      .digest('hex')
      .slice(0, 16);
    expect([VERSION, digest]).toEqual(['gocker 1', '67e9f113e5bbf079']);
  });

  it('is made where there is none, and replaced where there is another one', () => {
    expect(tableText({ replacing: false })).toMatch(/^create table inet gocker/);
    expect(tableText({ replacing: true })).toMatch(/^delete table inet gocker\ncreate table inet gocker/);
  });
});

describe('elements of networks', () => {
  const sets = (of: object) => networkElements({ ...network, ...of }).map(({ set }) => set);
  it('say whether it is internal and whether it is masqueraded', () => {
    expect(sets({})).toEqual(['bridges', 'within', 'masqueraded']);
    expect(sets({ masquerade: false })).toEqual(['bridges', 'within']);
    expect(sets({ internal: true })).toEqual(['bridges', 'within', 'internal']);
    expect(everyNetworkElement(network).map(({ set }) => set)).toEqual([
      'bridges',
      'within',
      'masqueraded',
      'internal',
    ]);
  });

  it('are names of interfaces as the kernel has them', () => {
    const [bridge, within] = networkElements(network);
    expect(bridge?.key.toString()).toBe('gocker0'.padEnd(16, '\0'));
    expect(within?.key).toEqual(Buffer.concat([bridge!.key, bridge!.key]));
  });
});

describe('elements of ports', () => {
  it('are protocol and port, before them an address where one was asked for', () => {
    expect(elementOf({}).set).toBe('published');
    expect(hex(elementOf({}))).toEqual(['06000000' + '1f900000', 'ac1d0002' + '00500000']);
    const one = elementOf({ hostIp: '192.0.2.1', protocol: 'udp' });
    expect(one.set).toBe('published_on');
    expect(hex(one)).toEqual(['c0000201' + '11000000' + '1f900000', 'ac1d0002' + '00500000']);
  });

  it('of IPv6 have sets of their own', () => {
    const address = (tail: string) => `fd00${'0'.repeat(27)}${tail}`;
    expect(elementOf({ hostIp: '::', protocol: 'sctp' })).toMatchObject({
      set: 'published6',
      comment: 'cccccccccccc',
    });
    expect(hex(elementOf({ hostIp: 'fd00::1' }))).toEqual([
      `${address('1')}060000001f900000`,
      `${address('2')}00500000`,
    ]);
  });

  it('lead to the address of the same family', () => {
    expect(addressFor(port, ['fd00::2', '10.0.0.2'])).toBe('10.0.0.2');
    expect(addressFor({ ...port, hostIp: '::1' }, ['10.0.0.2'])).toBeUndefined();
  });
});

describe('ports collide', () => {
  it.each([
    [{}, true],
    [{ containerPort: 81 }, true],
    [{ hostIp: '127.0.0.1' }, true],
    [{ protocol: 'udp' }, false],
    [{ hostPort: 8081 }, false],
    [{ hostIp: '::' }, false],
  ] as const)('0.0.0.0:8080/tcp and %o: %s', (other, expected) => {
    expect(collides(port, { ...port, ...other })).toBe(expected);
    expect(collides({ ...port, ...other }, port)).toBe(expected);
  });

  it('not on two addresses', () => {
    expect(collides({ ...port, hostIp: '127.0.0.1' }, { ...port, hostIp: '192.0.2.1' })).toBe(false);
  });
});
