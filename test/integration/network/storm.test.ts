import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { image, integration, type Result, useGocker } from '../helpers.ts';

const COUNT = 64;
/** Of 64 addresses the network, its gateway and its broadcast address have three. */
const ROOM = 61;
const ROUNDS = Number(process.env.GOCKER_TEST_ROUNDS ?? 2);
const MINUTES = 60_000 * Number(process.env.GOCKER_TEST_SLOW ?? 1);

integration('64 containers at once on 64 addresses', () => {
  const gocker = useGocker();
  const BUSYBOX = image('busybox:1');
  beforeAll(async () => {
    await gocker(['pull', '-q', BUSYBOX]);
    await gocker(['network', 'create', '--subnet', '10.213.64.0/26', 'small']);
  });
  const startAll = (killed: (at: number) => boolean) =>
    Promise.all(Array.from({ length: COUNT }, (_, at) => startOne(at, killed(at))));
  const startOne = async (at: number, isKilled: boolean): Promise<Result> => {
    const options = { timeoutMs: 5 * MINUTES };
    const name = `c${String(at).padStart(2, '0')}`;
    const running = gocker.start(
      ['run', '-d', '--name', name, '--network', 'small', BUSYBOX, 'sleep', '600'],
      options,
    );
    if (isKilled) {
      await sleep(Math.random() * 10_000);
      running.child.kill('SIGKILL');
    }
    return await running.ended;
  };
  const addresses = async () => {
    const [network] = JSON.parse((await gocker(['network', 'inspect', 'small'])).stdout);
    return Object.values<{ IPv4Address: string }>(network.Containers).map(({ IPv4Address }) => IPv4Address);
  };
  const removeAll = async () => {
    const ids = (await gocker(['ps', '-aq'])).stdout.split('\n').filter(Boolean);
    if (ids.length > 0) await gocker(['rm', '-f', ...ids], { timeoutMs: 5 * MINUTES });
  };
  /** What is left of containers on the host: links, addresses that are leased, names. */
  const traces = () => {
    const [id] = readdirSync(join(gocker.root, 'networks')).filter((name) => /^[0-9a-f]{64}$/.test(name));
    const leases = JSON.parse(
      readFileSync(join(gocker.root, 'network/bridge/networks', `${id}.json`), 'utf8'),
    );
    const links = readdirSync('/sys/class/net').filter((name) => name.startsWith('veth'));
    return [
      ...links,
      ...Object.keys(leases.leases),
      ...readdirSync(join(gocker.root, 'networks', id!, 'endpoints')),
    ];
  };
  /** The kernel takes the links of a dead namespace away on its own, a moment later. */
  const expectNoTraces = () => expect.poll(traces, { timeout: 5000 }).toEqual([]);

  test(`${ROOM} run, each with an address of its own; the others are told why not`, {
    timeout: 10 * MINUTES,
  }, async () => {
    const results = await startAll(() => false);
    const failed = results.filter(({ code }) => code !== 0);
    expect(failed.map(({ code }) => code)).toEqual([125, 125, 125]);
    for (const { stderr } of failed)
      expect(stderr).toContain('no free address in 10.213.64.0/26 of network small');
    const all = await addresses();
    expect([all.length, new Set(all).size]).toEqual([ROOM, ROOM]);
    const { stdout } = await gocker(['exec', 'c07', 'cat', '/etc/hosts']);
    if (results[7]!.code === 0) expect(stdout.match(/^10\.213\.64\.\d+\t/gm)).toHaveLength(ROOM);
    await removeAll();
    await expectNoTraces();
  });

  test(`${ROUNDS} times with killed ones: everything is free again`, {
    timeout: ROUNDS * 10 * MINUTES,
  }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await startAll((at) => at % 2 === 0);
      const supervisors = (await gocker(['ps', '-q', '--no-trunc'])).stdout.split('\n').filter(Boolean);
      for (const id of supervisors.filter(() => Math.random() < 0.5)) {
        const state = JSON.parse(readFileSync(join(gocker.root, 'containers', id, 'state.json'), 'utf8'));
        process.kill(state.supervisor.pid, 'SIGKILL');
      }
      // Whoever was killed has the next command clear up after it.
      const all = await addresses();
      expect(new Set(all).size).toBe(all.length);
      await removeAll();
      await expectNoTraces();
    }
    expect(await gocker(['network', 'rm', 'small'])).toMatchObject({ code: 0 });
  });
});
