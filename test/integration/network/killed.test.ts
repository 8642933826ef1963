/** kill -9 between any two steps of publishing and of withdrawing: nothing stays, and the port can be had again. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Attachment, Endpoint, Network } from '../../../src/driver/index.ts';
import { HOST, idOf, makeTopology, type Topology } from '../../fixtures/network/topology.ts';
import { integration } from '../helpers.ts';

const PORT = { hostIp: '0.0.0.0', hostPort: 8080, containerPort: 80, protocol: 'tcp' } as const;
/** What changes anything outside the process: requests to the kernel, sockets that hold ports, records. */
const CALLS = ['sendto', 'bind', 'rename', 'unlink'];

integration('a driver that is killed', () => {
  let topology: Topology;
  let network: Network;
  let endpoint: Endpoint;
  beforeAll(async () => {
    topology = await makeTopology();
    network = await topology.network('first');
    const { netns, agent } = await topology.namespace('web');
    await agent.call('serve', 'web', 80);
    endpoint = {
      containerId: idOf('web'),
      netns: `/run/netns/${netns}`,
      ifname: 'eth0',
      aliases: ['web'],
      addresses: [],
      ports: [PORT],
      isGateway: true,
    };
    await topology.container(network, 'other');
  });
  afterAll(() => topology.remove());

  const ask = () => topology.outside.call('tcp', { host: HOST.ipv4, port: 8080 });

  /** A driver that dies as it makes that call the n-th time; false when it was through before. */
  async function killedAt(
    [call, step]: [call: string, step: number],
    work: (driver: Topology['driver']) => Promise<unknown>,
  ): Promise<boolean> {
    const inject = `inject=${call}:signal=SIGKILL:when=${step}`;
    const options = ['-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', inject];
    const driver = topology.startDriver(['strace', ...options]);
    const end = await work(driver).then(
      () => 'done',
      (error: { code?: string }) => error.code,
    );
    await driver.end();
    if (end !== 'done') expect(end).toBe('ENDED');
    return end !== 'done';
  }

  /** Kills `work` at each step there is; how many there were. */
  async function killAtEach(
    work: (driver: Topology['driver']) => Promise<unknown>,
    around: { before(): Promise<unknown>; after(step: string): Promise<void> },
  ): Promise<number> {
    let kills = 0;
    for (const call of CALLS) {
      for (let step = 1, killed = true; killed; step++) {
        await around.before();
        killed = await killedAt([call, step], work);
        kills += Number(killed);
        await around.after(`${call} ${step}`);
      }
    }
    return kills;
  }

  const attach = (driver: Topology['driver']) => driver.call<Attachment>('attach', network, endpoint);
  const detach = (driver: Topology['driver']) => driver.call('detach', network, endpoint.containerId);

  it('while it attaches: detach knows what there is', { timeout: 180_000 }, async () => {
    const before = topology.rules();
    const kills = await killAtEach(attach, {
      before: async () => undefined,
      after: async (step) => {
        await detach(topology.driver);
        expect(topology.rules(), step).toBe(before);
      },
    });
    expect(kills).toBeGreaterThan(15);
    await attach(topology.driver);
    expect(await ask()).toBe('web 192.0.2.2');
    await detach(topology.driver);
    expect(await ask()).toBe('ECONNREFUSED');
    expect(topology.rules()).toBe(before);
  });

  it('while it detaches: the next one goes on', { timeout: 180_000 }, async () => {
    const before = topology.rules();
    const kills = await killAtEach(detach, {
      before: async () => expect((await attach(topology.driver)).ports).toEqual([PORT]),
      after: async (step) => {
        await detach(topology.driver);
        expect(topology.rules(), step).toBe(before);
      },
    });
    expect(kills).toBeGreaterThan(5);
  });
});
