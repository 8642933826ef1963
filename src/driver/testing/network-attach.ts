import { deepEqual, equal, ok } from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSyscalls } from '../../../native/index.ts';
import { createHost } from '../host.ts';
import type { Attachment, Endpoint, Network, NetworkDriver } from '../index.ts';
import { loadCreate } from './place.ts';
import type { Case, NetworkSubject } from './types.ts';

interface Place {
  driver: NetworkDriver;
  network: Network;
  /** A container's side, in a network namespace of its own where the driver wants one. */
  endpoint(): Promise<Endpoint>;
  /** Ends the processes that keep the namespaces. */
  endNamespaces(): Promise<void>;
}

/** Attaching and detaching, by whom and how often whatever. */
export function attachCases(subject: NetworkSubject): Case[] {
  const cases: Record<string, (place: Place) => Promise<void>> = {
    'finds that this host can run it': async ({ driver }) => driver.probe(),

    'an attachment is plain JSON that names the container': async ({ driver, network, endpoint }) => {
      const end = await endpoint();
      const attachment = await driver.attach(network, end);
      equal(attachment.containerId, end.containerId);
      deepEqual(JSON.parse(JSON.stringify(attachment)), attachment);
      ok(attachment.ports.every(({ hostPort }) => hostPort !== 0));
      await driver.detach(network, attachment);
    },

    'detach may be called again': async ({ driver, network, endpoint }) => {
      const attachment = await driver.attach(network, await endpoint());
      for (let times = 0; times < 3; times++) await driver.detach(network, attachment);
    },

    'detach needs no more than the ID of the container': async ({ driver, network, endpoint }) => {
      const end = await endpoint();
      await driver.attach(network, end);
      await driver.detach(network, { containerId: end.containerId });
      await driver.detach(network, { containerId: 'f'.repeat(64) });
      const again = await driver.attach(network, end);
      await driver.detach(network, again);
    },

    'detach succeeds when the namespace is gone': async ({ driver, network, endpoint, endNamespaces }) => {
      const attachment = await driver.attach(network, await endpoint());
      await endNamespaces();
      await driver.detach(network, attachment);
    },

    'many at once get addresses of their own': async ({ driver, network, endpoint }) => {
      const ends = await Promise.all(Array.from({ length: 8 }, endpoint));
      const made: Attachment[] = await Promise.all(ends.map((end) => driver.attach(network, end)));
      const addresses = made.flatMap((attachment) => attachment.addresses);
      equal(new Set(addresses).size, addresses.length);
      await Promise.all(made.map((attachment) => driver.detach(network, attachment)));
    },

    'prune releases what is of none of those that live': async ({ driver, network, endpoint }) => {
      const [lives, dead] = [await endpoint(), await endpoint()];
      const kept = await driver.attach(network, lives);
      await driver.attach(network, dead);
      await driver.prune(network, [lives.containerId]);
      const again = await driver.attach(network, { ...(await endpoint()), containerId: dead.containerId });
      ok(again.addresses.every((address) => !kept.addresses.includes(address)));
      for (const attachment of [kept, again]) await driver.detach(network, attachment);
    },

    'remove may be called again': async ({ driver, network }) => {
      await driver.remove(network);
      await driver.remove(network);
    },
  };
  return Object.entries(cases).map(([name, work]) => ({ name, run: () => inNetwork(subject, work) }));
}

async function inNetwork(subject: NetworkSubject, work: (place: Place) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(subject.parent ?? '/var/tmp', 'gocker-conformance-'));
  const create = await loadCreate<NetworkDriver>(subject.module);
  const host = createHost({ root: join(folder, 'driver'), syscalls: createSyscalls(), log: () => undefined });
  const driver = create(host, subject.options ?? {});
  const holders: ChildProcess[] = [];
  const endNamespaces = async () => {
    for (const holder of holders.splice(0)) {
      const end = once(holder, 'exit');
      holder.kill('SIGKILL');
      await end;
    }
  };
  const options = subject.network ?? {};
  const name = `c${randomBytes(3).toString('hex')}`;
  const asked = {
    id: randomBytes(32).toString('hex'),
    name,
    driver: 'subject',
    subnets: [],
    ipv6: false,
    internal: false,
    options,
  };
  const network = await driver.create(asked);
  const endpoint = async (): Promise<Endpoint> => ({
    containerId: randomBytes(32).toString('hex'),
    ...(driver.namespace === 'private' ? { netns: await newNamespace(holders) } : {}),
    ...{ ifname: 'eth0', aliases: [], addresses: [], ports: [], isGateway: true },
  });
  try {
    await work({ driver, network, endpoint, endNamespaces });
  } finally {
    await driver.prune(network, []);
    await driver.remove(network);
    await endNamespaces();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The path of a network namespace that a process keeps. */
async function newNamespace(holders: ChildProcess[]): Promise<string> {
  const holder = spawn('unshare', ['--net', 'sleep', 'infinity'], { stdio: 'ignore' });
  holders.push(holder);
  await once(holder, 'spawn');
  const path = `/proc/${holder.pid}/ns/net`;
  const own = readlinkSync('/proc/self/ns/net');
  for (let tries = 0; readlinkSync(path) === own; tries++) {
    if (tries > 1000) throw new Error('unshare --net does not make a network namespace');
    await sleep(5);
  }
  return path;
}
