/** A host without the program nft. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Attachment, Network } from '../../../src/driver/index.ts';
import { idOf, makeTopology, type Topology } from '../../fixtures/network/topology.ts';
import { integration } from '../helpers.ts';

const WITHOUT_NFT = [
  'unshare',
  '-m',
  '--propagation',
  'slave',
  'sh',
  '-c',
  'mount -t tmpfs none /usr/sbin && exec "$@"',
  'sh',
];
const PORT = { hostIp: '0.0.0.0', hostPort: 8080, containerPort: 80, protocol: 'tcp' } as const;

integration('without nft', () => {
  let topology: Topology;
  let network: Network;
  beforeAll(async () => {
    topology = await makeTopology();
    topology.driver = topology.startDriver(WITHOUT_NFT);
    network = await topology.network('first');
  });
  afterAll(() => topology.remove());

  it('containers reach the host and each other; what is missing and what helps is said', async () => {
    const one = await topology.container(network, 'one');
    const two = await topology.container(network, 'two');
    expect(await one.agent.call('tcp', { host: two.ipv4, port: 80 })).toBe(`two ${one.ipv4}`);
    expect(await topology.host.call('tcp', { host: one.ipv4, port: 80 })).toMatch(/^one /);
    expect(await topology.driver.call('said')).toContainEqual(
      expect.stringMatching(/nft .*apt-get install nftables/),
    );
    expect(topology.rules()).toBe('');
  });

  it('a port cannot be published, and nothing of the container is left', async () => {
    const { netns } = await topology.namespace('web');
    const endpoint = {
      containerId: idOf('web'),
      netns: `/run/netns/${netns}`,
      ifname: 'eth0',
      aliases: ['web'],
      addresses: [],
      ports: [PORT],
      isGateway: true,
    };
    const links = topology.run('host', 'ip', '-br', 'link');
    await expect(topology.driver.call('attach', network, endpoint)).rejects.toMatchObject({
      code: 'NFT_MISSING',
      hint: 'install it: apt-get install nftables',
    });
    expect(topology.run('host', 'ip', '-br', 'link')).toBe(links);
    await topology.startDriver().call<Attachment>('attach', network, endpoint);
    expect(topology.rules()).toContain('8080');
  });
});
