/** Datagrams that do not stop while containers come and go: connection tracking knows them, and must not know better. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Network } from '../../../src/driver/index.ts';
import { HOST, makeTopology, type Topology } from '../../fixtures/network/topology.ts';
import { integration } from '../helpers.ts';

const PORT = { hostIp: '0.0.0.0', hostPort: 8053, containerPort: 80, protocol: 'udp' } as const;

integration('flows of datagrams', () => {
  let topology: Topology;
  let network: Network;
  beforeAll(async () => {
    topology = await makeTopology();
    network = await topology.network('first');
  });
  afterAll(() => topology.remove());
  const ask = () => topology.outside.call('udp', { host: HOST.ipv4, port: 8053, fromPort: 5353 });

  it('reach a port that is published after they began, and the next container, and no other with its address', async () => {
    await topology.container(network, 'first');
    expect(await ask()).toMatch(/timeout|ECONNREFUSED/);
    const old = await topology.container(network, 'old', { ports: [PORT] });
    expect(await ask()).toMatch(/^old /);
    await topology.driver.call('detach', network, old.id);
    await topology.container(network, 'heir', { addresses: [old.ipv4] });
    expect(await ask()).toMatch(/timeout|ECONNREFUSED/);
    await topology.container(network, 'new', { ports: [PORT] });
    expect(await ask()).toMatch(/^new /);
  });
});
