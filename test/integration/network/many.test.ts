import { type ChildProcess, spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { findState } from '../../../drivers/network/addresses/state.ts';
import createBridge from '../../../drivers/network/bridge.ts';
import type { Network } from '../../../src/driver/index.ts';
import { buildAttachProcess } from '../../fixtures/worker.ts';
import { integration } from '../helpers.ts';
import {
  endpoint,
  expectSame,
  hostState,
  id,
  type Namespace,
  network,
  newNamespace,
  run,
  useHostNamespace,
} from './ground.ts';

const CONTAINERS = 64;
const PROCESSES = 8;
/** Of a /26: without the network's own, the gateway's and the broadcast address. */
const ADDRESSES = 61;
const FULL = 'ADDRESSES_EXHAUSTED: no free address in 10.66.0.0/26 of network small';
const small = network({ name: 'small', subnets: [{ subnet: '10.66.0.0/26' }] });

interface Attaching {
  child: ChildProcess;
  /** What it printed, when it has ended in any way. */
  lines: Promise<string[]>;
}

/** Processes that attach a part of the containers each, at the same time. */
async function attachAll(root: string, made: Network, spaces: Namespace[]): Promise<Attaching[]> {
  const file = await buildAttachProcess();
  const endpoints = spaces.map((space, at) => JSON.stringify(endpoint(id(at + 100), space)));
  return Array.from({ length: PROCESSES }, (_, at) => {
    const mine = endpoints.filter((_, index) => index % PROCESSES === at);
    return attaching(spawn(process.execPath, [file, root, JSON.stringify(made), ...mine]));
  });
}

function attaching(child: ChildProcess): Attaching {
  let output = '';
  child.stdout?.on('data', (data) => (output += data));
  const lines = new Promise<string[]>((resolve) =>
    child.on('close', () => resolve(output.split('\n').filter(Boolean))),
  );
  return { child, lines };
}

const spaces = () => Array.from({ length: CONTAINERS }, newNamespace);
const ports = () => run('ip', '-o', 'link', 'show', 'type', 'veth').split('\n').filter(Boolean);

integration('many containers at once', () => {
  const ground = useHostNamespace(createBridge);
  const leases = () => Object.values(findState(ground.host, small.id)?.leases ?? {});

  it('get addresses of their own, and those for whom there is none are told so', async () => {
    const before = hostState();
    const { driver, host } = ground;
    const made = await driver.create(small);
    const all = spaces();
    const lines = (
      await Promise.all((await attachAll(host.root, made, all)).map(({ lines }) => lines))
    ).flat();
    const addresses = lines.filter((line) => line.startsWith('10.66.'));
    expect(lines.filter((line) => !line.startsWith('10.66.'))).toEqual([FULL, FULL, FULL]);
    expect(new Set(addresses).size).toBe(ADDRESSES);
    const inside = all.map((space) => space.run('ip', '-4', '-o', 'addr', 'show', 'scope', 'global'));
    const found = inside.filter(Boolean).map((line) => line.match(/inet (\S+)/)?.[1]);
    expect(found.sort()).toEqual(addresses.sort());
    expect([ports().length, leases().length]).toEqual([ADDRESSES, ADDRESSES]);
    await Promise.all(all.map((_, at) => driver.detach(made, { containerId: id(at + 100) })));
    expect([ports(), leases()]).toEqual([[], []]);
    await driver.remove(made);
    expectSame(before);
  });

  it('is whole or gone, at whichever request to the kernel its maker is killed', async () => {
    const before = hostState();
    const { driver, host } = ground;
    const made = await driver.create(small);
    const space = newNamespace();
    const file = await buildAttachProcess();
    const attach = [
      process.execPath,
      file,
      host.root,
      JSON.stringify(made),
      JSON.stringify(endpoint(id(1), space)),
    ];
    let killed = 0;
    for (let lines: string[] = []; lines.length === 0; killed++) {
      const kill = `inject=sendto:signal=SIGKILL:when=${killed + 1}`;
      const options = ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=sendto', '-e', kill];
      lines = await attaching(spawn('strace', [...options, ...attach])).lines;
      if (lines.length > 0) expect(lines).toEqual([expect.stringMatching(/^10\.66\./)]);
      await driver.prune(made, []);
      expect([ports(), leases()], `killed at request ${killed + 1}`).toEqual([[], []]);
    }
    expect(killed).toBeGreaterThan(10);
    await driver.remove(made);
    expectSame(before);
  });

  it('that are killed at any moment leave nothing once it is cleaned up', async () => {
    const before = hostState();
    const { driver, host } = ground;
    const made = await driver.create(small);
    const all = spaces();
    const left: number[] = [];
    for (let round = 0; round < 10; round++) {
      const processes = await attachAll(host.root, made, all);
      const first = Promise.race(
        processes.map(({ child }) => new Promise((seen) => child.stdout?.once('data', seen))),
      );
      await first;
      for (const { child } of processes) {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
        child.kill('SIGKILL');
      }
      await Promise.all(processes.map(({ lines }) => lines));
      left.push(leases().length);
      await driver.prune(made, []);
      expect([ports(), leases()], `after round ${round}, with ${left} leases`).toEqual([[], []]);
    }
    expect(Math.max(...left), 'some were in the middle of it').toBeGreaterThan(0);
    const lines = (
      await Promise.all((await attachAll(host.root, made, all)).map(({ lines }) => lines))
    ).flat();
    expect(lines.filter((line) => line.startsWith('10.66.'))).toHaveLength(ADDRESSES);
    await driver.prune(made, []);
    expect([ports(), leases()]).toEqual([[], []]);
    await driver.remove(made);
    expectSame(before);
  });
});
