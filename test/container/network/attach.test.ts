import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listContainers } from '../../../src/container/list.ts';
import { activeOn } from '../../../src/container/network/active.ts';
import { connectContainer } from '../../../src/container/network/connect.ts';
import { disconnectContainer } from '../../../src/container/network/disconnect.ts';
import type { CreateOptions } from '../../../src/container/plan.ts';
import { removeContainer } from '../../../src/container/remove.ts';
import { runContainer } from '../../../src/container/run.ts';
import type { Container } from '../../../src/container/schema.ts';
import { createOnly } from '../../../src/container/start.ts';
import { ConflictError, GockerError } from '../../../src/errors.ts';
import { type FakeContext, fakeContext, fakeImage, SELF } from '../fake-context.ts';

let context: FakeContext;
beforeEach(() => {
  context = fakeContext();
});
afterEach(() => context.cleanUp());

const request = (options: CreateOptions) => ({
  ...{ options, image: fakeImage(), reference: 'alpine', storageDriver: 'fake' },
});
const on = (...networks: string[]) => ({ networks: networks.map((network) => ({ network })) });
const run = (options: CreateOptions, from = context) =>
  runContainer(from, request(options), { stdout: new PassThrough(), stderr: new PassThrough() });
const links = () => [...context.links.keys()].map((key) => key.split('/')[0]);
const named = () => [...context.named.keys()].map((key) => key.split('/')[0]);
const first = async (from = context) => (await listContainers(from)).containers[0] as Container;

describe('a container on several networks', () => {
  it('has an interface on each, in their order, and its default route through the first', async () => {
    await run({
      ...on('one', 'two'),
      ports: [{ hostIp: '', hostPort: 80, containerPort: 80, protocol: 'tcp' }],
    });
    const endpoints = [...context.links.values()];
    expect(endpoints.map(({ ifname, isGateway, ports }) => [ifname, isGateway, ports.length])).toEqual([
      ['eth0', true, 1],
      ['eth1', false, 0],
    ]);
    expect((await first()).state.attachments?.map(({ network }) => network.name)).toEqual(['one', 'two']);
  });
  it.each([
    [[{ network: 'one' }, { network: 'two', gatewayPriority: 1 }], 'two'],
    [[{ network: 'internal' }, { network: 'two' }], 'two'],
    [[{ network: 'internal', gatewayPriority: 9 }, { network: 'two' }, { network: 'three' }], 'two'],
    [[{ network: 'internal' }, { network: 'internal2' }], 'internal'],
  ])('has it through the one that is meant: %j', async (networks, gateway) => {
    await run({ networks });
    const found = [...context.links]
      .filter(([, { isGateway }]) => isGateway)
      .map(([key]) => key.split('/')[0]);
    expect(found).toEqual([gateway]);
  });
  it('has nothing left of any when one of them fails', async () => {
    context.attaching.before = (network) => {
      if (network === 'two') throw new GockerError('NO', 'not this one');
    };
    await expect(run(on('one', 'two', 'three'))).rejects.toThrow('not this one');
    expect([links(), named()]).toEqual([[], []]);
    expect((await first()).state).toMatchObject({ status: 'created', error: 'not this one' });
  });
  it('is not made when one of them does not exist', async () => {
    await expect(run(on('one', 'nowhere'))).rejects.toThrow('network nowhere not found');
    expect((await listContainers(context)).containers).toEqual([]);
  });
});

describe('a supervisor that is killed', () => {
  it.each(['before', 'after'] as const)('%s the driver has attached leaves nothing', async (when) => {
    const killed = context.otherProcess(300);
    // The rest of a killed process never runs.
    let reached = () => {};
    const there = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const { whileUsing } = killed.networks;
    killed.networks = {
      ...killed.networks,
      whileUsing: (use, work) =>
        whileUsing(use, async (network) => {
          if (use.text === 'two' && when === 'after')
            await network.driver.attach(network.network, endpointOf(killed));
          if (use.text !== 'two') return await work(network);
          reached();
          return await new Promise(() => {});
        }),
    };
    run(on('one', 'two'), killed).catch(() => undefined);
    await there;
    expect(links()).toEqual(when === 'after' ? ['one', 'two'] : ['one']);
    context.alive.delete(300);
    const { readdirSync, rmSync } = await import('node:fs');
    for (const id of readdirSync(`${context.root}/containers`))
      rmSync(`${context.root}/containers/${id}/lock.held`, { recursive: true, force: true });
    expect((await first()).state).toMatchObject({ status: 'exited', exitCode: 255 });
    expect([links(), named()]).toEqual([[], []]);
  });
});

function endpointOf({ links: all }: FakeContext) {
  return { ...[...all.values()][0]!, ifname: 'eth1', isGateway: false };
}

describe('connect and disconnect', () => {
  it('act on a running container at once', async () => {
    const { id } = await run({ ...on('one'), name: 'box' });
    await connectContainer(context, 'box', { network: 'two', aliases: ['x'], addresses: ['10.0.0.9'] });
    expect(context.links.get(`two/${id}`)).toMatchObject({ ifname: 'eth1', isGateway: false });
    expect(context.named.get(`two/${id}`)).toMatchObject({ names: ['box', id.slice(0, 12), 'x'] });
    await disconnectContainer(context, { network: 'one', container: 'box' });
    expect(links()).toEqual(['two']);
    // The interface stays where it was, and leads out now.
    expect(context.links.get(`two/${id}`)).toMatchObject({
      ifname: 'eth1',
      isGateway: true,
      addresses: ['10.0.0.9'],
    });
    await connectContainer(context, 'box', { network: 'three' });
    expect(context.links.get(`three/${id}`)).toMatchObject({ ifname: 'eth0', isGateway: false });
    context.end({ exitCode: 0, oomKilled: false });
    await expect.poll(links).toEqual([]);
    expect(named()).toEqual([]);
  });
  it('are remembered by one that does not run', async () => {
    await createOnly(context, request({ ...on('one'), name: 'box' }));
    await connectContainer(context, 'box', { network: 'two' });
    await disconnectContainer(context, { network: 'one', container: 'box' });
    expect((await first()).config.networks).toMatchObject([{ network: 'two' }]);
    expect(links()).toEqual([]);
  });
  it('leave all as it was when the driver refuses', async () => {
    await run({ ...on('one'), name: 'box' });
    context.attaching.after = () => {
      throw new ConflictError('ADDRESS_IN_USE', 'taken');
    };
    await expect(connectContainer(context, 'box', { network: 'two' })).rejects.toThrow('taken');
    expect(links()).toEqual(['one']);
    expect((await first()).config.networks).toMatchObject([{ network: 'one' }]);
  });
  it.each([
    [on('one'), 'one', 'endpoint with name box already exists in network one'],
    [on('one'), 'host', 'cannot be disconnected from host network or connected to host network'],
    [on('one'), 'none', 'cannot be connected to multiple networks with one of the networks in private'],
    [on('none'), 'one', 'cannot be connected to multiple networks with one of the networks in private'],
  ])('refuse as docker does: %j to %s', async (options, network, why) => {
    await createOnly(context, request({ ...options, name: 'box' }));
    await expect(connectContainer(context, 'box', { network })).rejects.toThrow(why);
  });
  it('of a network that the container is not on is refused', async () => {
    const { id } = await createOnly(context, request({ ...on('one'), name: 'box' }));
    const parting = disconnectContainer(context, { network: 'two', container: 'box' });
    await expect(parting).rejects.toThrow(`container ${id} is not connected to network two`);
  });
  it('with force release what is left of a container that is gone', async () => {
    const id = 'a'.repeat(64);
    context.links.set(`one/${id}`, {} as never);
    await expect(disconnectContainer(context, { network: 'one', container: id })).rejects.toThrow(
      'No such container',
    );
    await disconnectContainer(context, { network: 'one', container: id, force: true });
    expect(links()).toEqual([]);
  });
});

describe('a network without a free address', () => {
  it('is freed of what nobody has, once', async () => {
    let full = true;
    context.attaching.before = () => {
      if (!full) return;
      full = false;
      throw new GockerError('ADDRESSES_EXHAUSTED', 'full');
    };
    await run(on('one'));
    expect(context.pruned).toEqual(['one: 1']);
    expect(links()).toEqual(['one']);
  });
  it('is full when that does not help', async () => {
    context.attaching.before = () => {
      throw new GockerError('ADDRESSES_EXHAUSTED', 'full');
    };
    await expect(run(on('one'))).rejects.toThrow('full');
    expect(context.pruned).toHaveLength(1);
  });
});

it('a network has those on it that live, and no others', async () => {
  await run({ ...on('one'), name: 'box' });
  await createOnly(context, request({ ...on('one'), name: 'idle' }));
  const { network } = await context.networks.find('one');
  expect((await activeOn(context, network)).map(({ config }) => config.name)).toEqual(['box']);
  expect(await activeOn(context, { id: 'f'.repeat(64), name: 'one' })).toEqual([]);
  context.alive.delete(SELF);
  expect(await activeOn(context, network)).toEqual([]);
});

it('removing a container frees its networks', async () => {
  await run({ ...on('one', 'two'), name: 'box' });
  await removeContainer(context, 'box', { force: true });
  expect([links(), named()]).toEqual([[], []]);
});
