import { appendFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNetwork } from '../../src/network/create.ts';
import {
  clearOwnLines,
  type NamedEndpoint,
  publishEndpoint,
  withdrawEndpoint,
} from '../../src/network/endpoints.ts';
import type { NetworkRecord } from '../../src/network/schema.ts';
import { type FakeNetworks, fakeNetworks } from './fake-networks.ts';

let context: FakeNetworks;
let network: NetworkRecord;
beforeEach(async () => {
  context = fakeNetworks();
  network = await createNetwork(context, { name: 'web' });
});
afterEach(() => context.cleanUp());

/** A container with a hosts file. */
function container(name: string, address: string, names: string[] = []): NamedEndpoint {
  const directory = join(context.root, name);
  mkdirSync(directory);
  writeFileSync(join(directory, 'hosts'), '127.0.0.1\tlocalhost\n');
  const containerId = Buffer.from(name).toString('hex').padEnd(64, '0');
  return {
    containerId,
    ownNames: [`host-${name}`, name],
    names: [name, ...names],
    addresses: [address],
    hosts: join(directory, 'hosts'),
    hostsLock: join(directory, 'hosts.lock'),
  };
}

/** The lines that are ours, without the address of loopback. */
function lines({ hosts }: NamedEndpoint): string[] {
  return readFileSync(hosts, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .filter((line) => !line.startsWith('#'));
}

describe('containers on one network', () => {
  it('know each other, whoever came first, until they go', async () => {
    const [one, two] = [container('one', '10.0.0.2', ['alias']), container('two', '10.0.0.3')];
    const { ino } = statSync(one.hosts);
    await publishEndpoint(context, network, one);
    expect(lines(one)).toEqual(['10.0.0.2\thost-one one']);
    await publishEndpoint(context, network, two);
    expect(lines(one)).toEqual(['10.0.0.2\thost-one one', '10.0.0.3\ttwo']);
    expect(lines(two)).toEqual(['10.0.0.3\thost-two two', '10.0.0.2\tone alias']);
    await withdrawEndpoint(context, network, two.containerId);
    await withdrawEndpoint(context, network, two.containerId);
    expect(lines(one)).toEqual(['10.0.0.2\thost-one one']);
    expect(statSync(one.hosts).ino).toBe(ino);
  });
  it('all know each other when all come at once', async () => {
    const all = Array.from({ length: 12 }, (_, at) => container(`c${at}`, `10.0.0.${at + 2}`));
    await Promise.all(all.map((one) => publishEndpoint(context, network, one)));
    for (const one of all) expect(lines(one)).toHaveLength(12);
    await Promise.all(all.slice(1).map(({ containerId }) => withdrawEndpoint(context, network, containerId)));
    expect(lines(all[0]!)).toEqual(['10.0.0.2\thost-c0 c0']);
  });
  it('keep what their users have written', async () => {
    const [one, two] = [container('one', '10.0.0.2'), container('two', '10.0.0.3')];
    await publishEndpoint(context, network, one);
    appendFileSync(one.hosts, '192.0.2.1\tmine\n');
    await publishEndpoint(context, network, two);
    expect(lines(one)).toEqual(['10.0.0.2\thost-one one', '10.0.0.3\ttwo', '192.0.2.1\tmine']);
  });
  it('have no say over names that are not theirs', async () => {
    const [one, evil] = [container('one', '10.0.0.2'), container('two', '10.0.0.3')];
    evil.names = ['localhost', 'a\n6.6.6.6 bank', 'ip6-loopback', 'b c'];
    await publishEndpoint(context, network, one);
    await publishEndpoint(context, network, evil);
    expect(lines(one)).toEqual(['10.0.0.2\thost-one one']);
  });
  it('are not held up by one whose directory or record is gone', async () => {
    const [one, two] = [container('one', '10.0.0.2'), container('two', '10.0.0.3')];
    await publishEndpoint(context, network, {
      ...two,
      hosts: '/nonexistent/hosts',
      hostsLock: '/nonexistent/lock',
    });
    writeFileSync(join(context.root, 'networks', network.id, 'endpoints', 'e'.repeat(64)), '');
    await publishEndpoint(context, network, one);
    expect(lines(one)).toEqual(['10.0.0.2\thost-one one', '10.0.0.3\ttwo']);
  });
});

describe('a container on two networks', () => {
  it('has the names of both, and parts from one', async () => {
    const second = await createNetwork(context, { name: 'back' });
    const one = container('one', '10.0.0.2');
    await publishEndpoint(context, network, one);
    await publishEndpoint(context, second, { ...one, addresses: ['10.9.0.2', 'fd00::2'] });
    expect(lines(one)).toEqual(['10.0.0.2\thost-one one', '10.9.0.2\thost-one one', 'fd00::2\thost-one one']);
    await withdrawEndpoint(context, network, one.containerId);
    await clearOwnLines(context, network, one);
    expect(lines(one)).toEqual(['10.9.0.2\thost-one one', 'fd00::2\thost-one one']);
  });
});

it('on the default network a container knows only itself', async () => {
  const bridge = { id: 'b'.repeat(64), name: 'bridge' };
  const [one, two] = [container('one', '10.0.0.2'), container('two', '10.0.0.3')];
  await publishEndpoint(context, bridge, one);
  await publishEndpoint(context, bridge, two);
  expect([lines(one), lines(two)]).toEqual([['10.0.0.2\thost-one one'], ['10.0.0.3\thost-two two']]);
  await withdrawEndpoint(context, bridge, two.containerId);
});

it('names on a network that has been removed are gone with it', async () => {
  const gone = { id: 'a'.repeat(64), name: 'gone' };
  await withdrawEndpoint(context, gone, container('one', '10.0.0.2').containerId);
});
