/** Out of the container and into it: masquerading and published ports, with packets that are really sent. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Container,
  HOST,
  makeTopology,
  OUTSIDE,
  type Topology,
} from '../../fixtures/network/topology.ts';
import { integration } from '../helpers.ts';

/** Whether bridges hand what they pass to the firewall (br_netfilter), where this kernel can do that. */
const BRIDGE_CALLS = '/proc/sys/net/bridge/bridge-nf-call-iptables';
const modes = existsSync(BRIDGE_CALLS) ? ['1', '0'] : ['not there'];

integration.each(modes)('NAT of the bridge driver, br_netfilter %s', (mode) => {
  let topology: Topology;
  let web: Container;
  let other: Container;
  let far: Container;
  const ask = (from: { call: Topology['host']['call'] }, how: 'tcp' | 'udp', host: string, port: number) =>
    from.call<string>(how, { host, port });

  beforeAll(async () => {
    topology = await makeTopology();
    if (existsSync(BRIDGE_CALLS))
      topology.run('host', 'sh', '-c', `echo ${mode} | tee /proc/sys/net/bridge/bridge-nf-call-ip*tables`);
    await topology.outside.call('serve', 'internet', 80);
    const network = await topology.network('first', { ipv6: true });
    const second = await topology.network('second');
    const any = { hostIp: '0.0.0.0', containerPort: 80 } as const;
    web = await topology.container(network, 'web', {
      ports: [
        { ...any, hostPort: 8080, protocol: 'tcp' },
        { ...any, hostPort: 8053, protocol: 'udp' },
        { ...any, hostIp: '::', hostPort: 8080, protocol: 'tcp' },
        { ...any, hostIp: '127.0.0.1', hostPort: 8081, protocol: 'tcp' },
        { ...any, hostIp: HOST.ipv4, hostPort: 8082, protocol: 'tcp' },
        { ...any, hostIp: HOST.ipv6, hostPort: 8082, protocol: 'tcp' },
      ],
    });
    other = await topology.container(network, 'other');
    far = await topology.container(second, 'far');
  });
  afterAll(() => topology.remove());

  it('a container reaches a server outside, which sees the host', async () => {
    expect(await ask(web.agent, 'tcp', OUTSIDE.ipv4, 80)).toBe(`internet ${HOST.ipv4}`);
    expect(await ask(web.agent, 'udp', OUTSIDE.ipv4, 80)).toBe(`internet ${HOST.ipv4}`);
    expect(await ask(web.agent, 'tcp', OUTSIDE.ipv6, 80)).toBe(`internet ${HOST.ipv6}`);
  });

  it('a published port is reached from outside, and the container sees who asks', async () => {
    expect(await ask(topology.outside, 'tcp', HOST.ipv4, 8080)).toBe(`web ${OUTSIDE.ipv4}`);
    expect(await ask(topology.outside, 'udp', HOST.ipv4, 8053)).toBe(`web ${OUTSIDE.ipv4}`);
    expect(await ask(topology.outside, 'tcp', HOST.ipv6, 8080)).toBe(`web ${OUTSIDE.ipv6}`);
    expect(await ask(topology.outside, 'tcp', HOST.ipv4, 8082)).toBe(`web ${OUTSIDE.ipv4}`);
    expect(await ask(topology.outside, 'tcp', HOST.ipv6, 8082)).toBe(`web ${OUTSIDE.ipv6}`);
  });

  it('from the host, by its own address and by localhost', async () => {
    for (const [host, port] of [
      [HOST.ipv4, 8080],
      ['127.0.0.1', 8080],
      ['127.0.0.1', 8081],
      ['127.1.2.3', 8080],
      [HOST.ipv4, 8082],
      [HOST.ipv6, 8080],
    ] as const)
      expect(await ask(topology.host, 'tcp', host, port), `${host} ${port}`).toMatch(/^web /);
    expect(await ask(topology.host, 'udp', '127.0.0.1', 8053)).toMatch(/^web /);
  });

  it('from a container of the same network, of another one, and from itself', async () => {
    for (const [who, from] of Object.entries({ other, far, web })) {
      expect(await ask(from.agent, 'tcp', HOST.ipv4, 8080), who).toMatch(/^web /);
      expect(await ask(from.agent, 'udp', HOST.ipv4, 8053), who).toMatch(/^web /);
    }
    expect(await ask(other.agent, 'tcp', HOST.ipv6, 8080)).toMatch(/^web /);
    expect(await ask(web.agent, 'tcp', HOST.ipv6, 8080)).toMatch(/^web /);
  });

  it('IPv6 localhost is refused at once, and cannot be published on', async () => {
    expect(await ask(topology.host, 'tcp', '::1', 8080)).toBe('ECONNREFUSED');
    const port = { hostIp: '0::1', hostPort: 8083, containerPort: 80, protocol: 'tcp' } as const;
    const network = await topology.network('first', { ipv6: true });
    await expect(topology.container(network, 'loopback', { ports: [port] })).rejects.toMatchObject({
      code: 'LOOPBACK_IPV6',
    });
  });

  it('a port that is not published is not reached, nor one of localhost or of another address', async () => {
    for (const port of [80, 8081, 9999])
      expect(await ask(topology.outside, 'tcp', HOST.ipv4, port), `${port}`).toBe('ECONNREFUSED');
    expect(await ask(topology.host, 'tcp', '127.0.0.1', 8082)).toBe('ECONNREFUSED');
    expect(await ask(topology.outside, 'udp', HOST.ipv4, 8080)).toMatch(/timeout|ECONNREFUSED/);
  });

  describe('walls', () => {
    it('containers of one network reach each other, those of another not', async () => {
      expect(await ask(other.agent, 'tcp', web.ipv4, 80)).toBe(`web ${other.ipv4}`);
      expect(await ask(far.agent, 'tcp', web.ipv4, 80)).toBe('timeout');
      expect(await ask(web.agent, 'tcp', far.ipv4, 80)).toBe('timeout');
      expect(await ask(topology.host, 'tcp', web.ipv4, 80)).toMatch(/^web /);
    });
  });
});
