/** Ports of the host that somebody has already, that nobody shall have, and that are given back whatever happens. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Network, PublishedPort } from '../../../src/driver/index.ts';
import { HOST, idOf, makeTopology, type Topology } from '../../fixtures/network/topology.ts';
import { integration } from '../helpers.ts';

const PORT = { hostIp: '0.0.0.0', hostPort: 8080, containerPort: 80, protocol: 'tcp' } as const;

integration('ports of the host', () => {
  let topology: Topology;
  let network: Network;
  beforeEach(async () => {
    topology = await makeTopology();
    network = await topology.network('first', { ipv6: true });
  });
  afterEach(() => topology.remove());
  const start = (name: string, ...ports: PublishedPort[]) => topology.container(network, name, { ports });

  describe('that are taken', () => {
    it.each(['tcp', 'udp'] as const)(
      'by a program are told with its name and process: %s',
      async (protocol) => {
        await topology.host.call('serve', 'program', 8080, '0.0.0.0');
        const pid = topology.run('host', 'sh', '-c', 'ip netns pids $(ip netns identify)').trim().split('\n');
        const error = await start('web', { ...PORT, protocol }).catch((caught) => caught);
        expect(error).toMatchObject({ code: 'PORT_IN_USE' });
        expect(error.message).toMatch(
          new RegExp(`bind for 0.0.0.0:8080/${protocol} failed: address already in use by node `),
        );
        expect(pid).toContain(/process (\d+)/.exec(error.message)?.[1]);
        await start('other', { ...PORT, hostPort: 8081, protocol });
      },
    );

    it('by a program on one address, or on all of both families, too', async () => {
      await topology.host.call('serve', 'program', 8080, '127.0.0.1');
      await topology.host.call('serve', 'program', 8082, '::');
      await expect(start('a', PORT)).rejects.toMatchObject({ code: 'PORT_IN_USE' });
      await expect(start('b', { ...PORT, hostPort: 8082 })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
      await start('c', { ...PORT, hostIp: HOST.ipv4 });
    });

    it('by a container are told with its name', async () => {
      await start('web', PORT);
      for (const [at, port] of [PORT, { ...PORT, hostIp: HOST.ipv4 }].entries())
        await expect(start(`c${at}`, port)).rejects.toMatchObject({
          code: 'PORT_ALLOCATED',
          message: expect.stringMatching(/failed: port is already allocated by container web$/),
        });
      await start('udp', { ...PORT, protocol: 'udp' });
      await start('long', { ...PORT, hostIp: '::' });
      await expect(
        start('twice', { ...PORT, hostPort: 99 }, { ...PORT, hostPort: 99, containerPort: 81 }),
      ).rejects.toMatchObject({ code: 'PORT_ALLOCATED' });
      await start('once', { ...PORT, hostPort: 99 }, { ...PORT, hostPort: 99 });
    });

    it('on an address that the host has not', async () => {
      await expect(start('web', { ...PORT, hostIp: '203.0.113.1' })).rejects.toMatchObject({
        code: 'ADDRESS_NOT_AVAILABLE',
      });
      await start('other', { ...PORT, hostIp: HOST.ipv4 });
    });

    it('are no other program’s while the container lives', async () => {
      const { id } = await start('web', PORT);
      await expect(topology.host.call('serve', 'program', 8080)).rejects.toMatchObject({
        code: 'EADDRINUSE',
      });
      await topology.driver.call('detach', network, id);
      await topology.host.call('serve', 'program', 8080);
    });
  });

  describe('that may be any', () => {
    it('are chosen from the kernel’s range, one for both families, and not those that are taken', async () => {
      topology.run('host', 'sysctl', '-qw', 'net.ipv4.ip_local_port_range=40000 40003');
      await topology.host.call('serve', 'program', 40001, '127.0.0.1');
      const any = { ...PORT, hostPort: 0 };
      const web = await start('web', any, { ...any, hostIp: '::' }, { ...any, containerPort: 81 });
      const [short, long, second] = web.attachment.ports.map(({ hostPort }) => hostPort);
      expect(long).toBe(short);
      expect(await topology.outside.call('tcp', { host: HOST.ipv4, port: short })).toMatch(/^web /);
      expect(await topology.outside.call('tcp', { host: HOST.ipv6, port: long })).toMatch(/^web /);
      const third = await start('other', any);
      const all = [short, second, third.attachment.ports[0]!.hostPort];
      expect(all.sort()).toEqual([40000, 40002, 40003]);
      await expect(start('late', any)).rejects.toMatchObject({ code: 'NO_FREE_PORT' });
    });
  });

  it('several processes that want one port: one gets it', async () => {
    const drivers = [1, 2, 3, 4].map(() => topology.startDriver());
    const ends = await Promise.allSettled(
      drivers.map(async (driver, at) => {
        const { netns } = await topology.namespace(`n${at}`);
        const endpoint = {
          containerId: idOf(`n${at}`),
          netns: `/run/netns/${netns}`,
          ifname: 'eth0',
          aliases: [`n${at}`],
          addresses: [],
          ports: [PORT],
          isGateway: true,
        };
        return await driver.call('attach', network, endpoint);
      }),
    );
    const refused = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason.code] : []));
    expect(refused).toEqual(['PORT_ALLOCATED', 'PORT_ALLOCATED', 'PORT_ALLOCATED']);
  });

  it('of a container that is no more are given to the next, also when nobody cleaned up', async () => {
    const gone = await start('gone', PORT);
    await topology.driver.end('SIGKILL');
    await topology.end(gone);
    topology.driver = topology.startDriver();
    const web = await start('web', PORT);
    expect(await topology.outside.call('tcp', { host: HOST.ipv4, port: 8080 })).toMatch(/^web /);
    await topology.driver.call('prune', network, [web.id]);
    await topology.driver.call('detach', network, web.id);
    expect(topology.rules()).not.toMatch(/8080/);
  });

  it('of a container of another root are that one’s, also when nobody holds them', async () => {
    await start('early');
    const { driver } = topology;
    topology.driver = topology.startDriver([], `${topology.root}/other`);
    const theirs = await topology.driver.call<Network>('create', {
      ...network,
      id: idOf('theirs'),
      name: 'theirs',
      subnets: [],
      options: {},
    });
    await topology.container(theirs, 'theirs', { ports: [PORT] });
    await topology.driver.end('SIGKILL');
    topology.driver = driver;
    const ask = () => topology.outside.call('tcp', { host: HOST.ipv4, port: 8080 });
    const refused = { code: 'PORT_ALLOCATED', message: expect.stringContaining('another GOCKER_ROOT') };
    await expect(start('web', PORT)).rejects.toMatchObject(refused);
    expect(await ask()).toMatch(/^theirs /);
    await start('more', { ...PORT, hostPort: 8081 });
    topology.run('host', 'nft', 'flush', 'ruleset');
    await start('another');
    expect(await ask()).toBe('ECONNREFUSED');
    topology.driver = topology.startDriver([], `${topology.root}/other`);
    await topology.container(theirs, 'next');
    expect(await ask()).toMatch(/^theirs /);
    await topology.driver.call('detach', theirs, idOf('theirs'));
    await topology.driver.call('detach', theirs, idOf('next'));
    await topology.driver.call('remove', theirs);
    expect(topology.rules()).toMatch(/8081/);
  });

  it('that another process has taken back are free, though the first still holds them', async () => {
    const web = await start('web', PORT);
    const first = topology.driver;
    topology.driver = topology.startDriver();
    await topology.driver.call('detach', network, web.id);
    await expect(start('partly', { ...PORT, hostIp: HOST.ipv4 })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
    });
    const next = await start('next', PORT);
    expect(await topology.outside.call('tcp', { host: HOST.ipv4, port: 8080 })).toMatch(/^next /);
    await topology.driver.call('detach', network, next.id);
    await first.call('prune', network, []);
    await topology.host.call('serve', 'program', 8080);
  });
});
