/** What others on the wire and containers must not reach, with packets that are really sent; without the table they do. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Network } from '../../../src/driver/index.ts';
import type { Remote } from '../../fixtures/network/remote.ts';
import { type Container, HOST, makeTopology, type Topology } from '../../fixtures/network/topology.ts';
import { integration } from '../helpers.ts';

integration('attacks on the bridge driver', () => {
  let topology: Topology;
  let network: Network;
  let web: Container;
  let attempt = 0;
  const ask = ({ call }: Remote, host: string, port = 80) => call<string>('tcp', { host, port });
  const flush = () => topology.run('host', 'nft', 'flush', 'ruleset');
  /** What the next start of any container does. */
  const startAnother = async (of = network) => topology.container(of, `c${++attempt}`);

  beforeAll(async () => {
    topology = await makeTopology();
    network = await topology.network('first', { ipv6: true });
    const port = { hostIp: '127.0.0.1', hostPort: 8081, containerPort: 80, protocol: 'tcp' } as const;
    web = await topology.container(network, 'web', {
      ports: [port, { ...port, hostIp: '0.0.0.0', hostPort: 8080 }],
    });
    await topology.host.call('serve', 'private', 9000, '127.0.0.1');
    await topology.host.call('serve', 'host', 9001);
  });
  afterAll(() => topology.remove());

  describe('a neighbour who routes the containers through this host', () => {
    beforeAll(() => {
      for (const { subnet = '' } of network.subnets) {
        const via = subnet.includes(':') ? HOST.ipv6 : HOST.ipv4;
        topology.run('outside', 'ip', 'route', 'add', subnet, 'via', via);
      }
    });

    it('reaches no container, but by a published port', async () => {
      expect(await ask(topology.outside, web.ipv4)).toBe('timeout');
      expect(await ask(topology.outside, web.ipv6)).toBe('timeout');
      expect(await ask(topology.outside, HOST.ipv4, 8080)).toMatch(/^web /);
    });

    it('does when somebody flushes the rules; the next start repairs them, with the ports of all', async () => {
      const before = topology.rules();
      flush();
      expect(await ask(topology.outside, web.ipv4)).toMatch(/^web /);
      expect(await ask(topology.outside, HOST.ipv4, 8080)).toBe('ECONNREFUSED');
      await startAnother();
      expect(topology.rules()).toBe(before);
      expect(await ask(topology.outside, web.ipv4)).toBe('timeout');
      expect(await ask(topology.outside, HOST.ipv4, 8080)).toMatch(/^web /);
    });
  });

  describe('packets to 127.0.0.0/8 that come from elsewhere (CVE-2020-8558)', () => {
    /** The kernel has no qualms with those any more, neither there nor here. */
    const routeLoopback = (netns: string, device: string, via: string) => {
      for (const command of [
        ['ip', 'address', 'delete', '127.0.0.1/8', 'dev', 'lo'],
        ['sysctl', '-qw', `net.ipv4.conf.${device}.route_localnet=1`],
        ['ip', 'route', 'add', '127.0.0.0/8', 'via', via, 'dev', device],
      ])
        topology.run(netns, ...command);
    };
    beforeEach(() => startAnother());

    it('do not reach what listens there, nor ports published there', async () => {
      topology.run('host', 'sysctl', '-qw', 'net.ipv4.conf.up0.route_localnet=1');
      routeLoopback('outside', 'up0', HOST.ipv4);
      for (const port of [9000, 8081]) expect(await ask(topology.outside, '127.0.0.1', port)).toBe('timeout');
      flush();
      expect(await ask(topology.outside, '127.0.0.1', 9000)).toMatch(/^private /);
    });

    it('nor from a container, whose bridge takes them', async () => {
      const bridge = String(web.attachment.state.bridge);
      expect(topology.run('host', 'cat', `/proc/sys/net/ipv4/conf/${bridge}/route_localnet`).trim()).toBe(
        '1',
      );
      routeLoopback('web', 'eth0', network.subnets[0]!.gateway!);
      for (const port of [9000, 8081]) expect(await ask(web.agent, '127.0.0.1', port)).toBe('timeout');
      flush();
      expect(await ask(web.agent, '127.0.0.1', 9000)).toMatch(/^private /);
    });
  });

  it('a container that lies about its address is not heard', async () => {
    const liar = await startAnother();
    topology.run(`c${attempt}`, 'ip', 'address', 'add', '198.51.100.7/32', 'dev', 'lo');
    topology.run(
      'host',
      'ip',
      'route',
      'add',
      '198.51.100.7/32',
      'via',
      liar.ipv4,
      'dev',
      String(liar.attachment.state.bridge),
    );
    const target = { host: HOST.ipv4, port: 9001 };
    expect(await liar.agent.call('udp', { ...target, from: '198.51.100.7' })).toBe('host 198.51.100.7');
    topology.run('host', 'ip', 'route', 'delete', '198.51.100.7/32');
    expect(await liar.agent.call('udp', { ...target, from: '198.51.100.7' })).toBe('timeout');
    expect(await liar.agent.call('udp', { ...target, from: liar.ipv4 })).toBe(`host ${liar.ipv4}`);
  });

  describe('an internal network', () => {
    it('has no way out and none in; its containers reach each other', async () => {
      const internal = await topology.network('inside', { internal: true });
      await topology.outside.call('serve', 'internet', 80);
      const port = { hostIp: '0.0.0.0', hostPort: 8090, containerPort: 80, protocol: 'tcp' } as const;
      const one = await topology.container(internal, 'one', { ports: [port] });
      const two = await topology.container(internal, 'two');
      topology.run('one', 'ip', 'route', 'add', 'default', 'via', internal.subnets[0]!.gateway!);
      expect(one.attachment.ports).toEqual([]);
      expect(await topology.driver.call('said')).toContainEqual(expect.stringContaining('internal'));
      expect(await ask(one.agent, '192.0.2.2')).toBe('timeout');
      expect(await ask(one.agent, web.ipv4)).toBe('timeout');
      expect(await ask(one.agent, HOST.ipv4, 8080)).toBe('timeout');
      expect(await ask(web.agent, one.ipv4)).toBe('timeout');
      expect(await ask(topology.outside, HOST.ipv4, 8090)).toBe('ECONNREFUSED');
      expect(await ask(two.agent, one.ipv4)).toBe(`one ${two.ipv4}`);
      expect(await ask(web.agent, '192.0.2.2')).toBe(`internet ${HOST.ipv4}`);
    });
  });
});
