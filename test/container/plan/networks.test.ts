import { describe, expect, it } from 'vitest';
import { type NetworkOptions, planNetworks } from '../../../src/container/plan/networks.ts';

const plan = (options: Parameters<typeof planNetworks>[0], ports: Record<string, object> = {}) =>
  planNetworks(options, { ExposedPorts: ports });
const on = (...networks: string[]): NetworkOptions => ({
  networks: networks.map((network) => ({ network })),
});
const PORT = { hostIp: '', hostPort: 80, containerPort: 80, protocol: 'tcp' } as const;

describe('networks', () => {
  it('are the default one when none is asked for', () => {
    const bridge = { network: 'bridge', aliases: [], addresses: [] };
    expect(plan({})).toEqual({
      network: 'bridge',
      networks: [bridge],
      ports: [],
      exposed: [],
      publishAll: false,
    });
  });
  it('may be one in short', () => {
    expect(plan({ network: 'none' })).toMatchObject({ network: 'none', networks: [{ network: 'none' }] });
  });
  it('may be several, the first of which names the mode', () => {
    expect(plan(on('a', 'bridge', 'b'))).toMatchObject({
      network: 'a',
      networks: [{ network: 'a' }, { network: 'bridge' }, { network: 'b' }],
    });
  });
  it.each([
    [on('a', 'a'), 'network "a" is specified multiple times'],
    [on('host', 'a'), 'cannot attach both user-defined and non-user-defined network-modes'],
    [on('a', 'none'), 'cannot attach both user-defined and non-user-defined network-modes'],
    [on('a', 'container:x'), 'cannot attach both user-defined and non-user-defined network-modes'],
  ])('go together or do not: %j', (options, why) => expect(() => plan(options)).toThrow(why));
  it.each(['bridge', 'host', 'none'])(
    'that nobody has made have no addresses and aliases of choice: %s',
    (network) => {
      const address = { networks: [{ network, addresses: ['10.0.0.1'] }] };
      expect(() => plan(address)).toThrow(
        'user specified IP address is supported on user defined networks only',
      );
      const alias = { networks: [{ network, aliases: ['x'] }] };
      expect(() => plan(alias)).toThrow(
        'network-scoped aliases are only supported for user-defined networks',
      );
      const made = { networks: [{ network: 'a', addresses: ['10.0.0.1'], aliases: ['x', 'x'] }] };
      expect(plan(made).networks).toEqual([{ network: 'a', addresses: ['10.0.0.1'], aliases: ['x'] }]);
    },
  );
});

describe('a container in the network of another one', () => {
  it('has none of its own', () =>
    expect(plan(on('container:abc'), { '80/tcp': {} })).toMatchObject({
      network: 'container:abc',
      networks: [],
    }));
  it.each([
    [{ hostname: 'x' }, 'hostname and the network mode'],
    [{ dns: ['1.1.1.1'] }, 'dns and the network mode'],
    [{ extraHosts: ['a:1.1.1.1'] }, 'custom host-to-IP mapping and the network mode'],
    [{ ports: [PORT] }, 'port publishing and the container type network mode'],
    [{ publishAll: true }, 'port publishing and the container type network mode'],
    [{ exposed: ['80/tcp'] }, 'port exposing and the container type network mode'],
    [
      { networks: [{ network: 'container:abc', mac: '02:42:00:00:00:01' }] },
      'mac-address and the network mode',
    ],
  ])('leaves to that one what is its: %j', (options, why) => {
    expect(() => plan({ ...on('container:abc'), ...options })).toThrow(`conflicting options: ${why}`);
    expect(() => plan({ ...options, ...on('a') })).not.toThrow();
  });
});

it('exposed ports are the image’s and the user’s', () => {
  const image = { '443': {}, '80/tcp': {} };
  expect(plan({ exposed: ['53/udp', '80/tcp'] }, image).exposed).toEqual(['443/tcp', '53/udp', '80/tcp']);
});
