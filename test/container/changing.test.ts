import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createContainer } from '../../src/container/create.ts';
import { listContainers } from '../../src/container/list.ts';
import { pruneContainers } from '../../src/container/prune.ts';
import { writeState } from '../../src/container/record.ts';
import { renameContainer } from '../../src/container/rename.ts';
import { updateContainer } from '../../src/container/update.ts';
import { type FakeContext, fakeContext, fakeImage } from './fake-context.ts';

let context: FakeContext;
beforeEach(() => {
  context = fakeContext();
});
afterEach(() => context.cleanUp());

async function make(name: string, options: { labels?: Record<string, string>; limits?: object } = {}) {
  const request = {
    options: { name, ...options },
    image: fakeImage(),
    reference: 'alpine',
    storageDriver: 'o',
  };
  const container = await createContainer(context, request);
  await writeState(context.root, container.id, { version: 1, status: 'exited', exitCode: 0 });
  return container.id;
}
const names = async () => (await listContainers(context)).containers.map(({ config }) => config.name).sort();

describe('rename', () => {
  it('frees the old name and takes the new one', async () => {
    await make('one');
    await renameContainer(context, 'one', '/two');
    expect(await names()).toEqual(['two']);
    await make('one');
    await expect(renameContainer(context, 'one', 'two')).rejects.toThrow('already in use');
    await expect(renameContainer(context, 'one', 'one')).rejects.toThrow('called "one" already');
    await expect(renameContainer(context, 'one', 'b!')).rejects.toThrow('invalid container name');
    expect(await names()).toEqual(['one', 'two']);
  });
});

describe('update', () => {
  const limitsOf = async () => (await listContainers(context)).containers[0]!.config.limits;
  it('changes what is given and keeps the rest', async () => {
    await make('one', { limits: { memory: 100, memorySwap: 200, pids: 5 } });
    await updateContainer(context, 'one', { memory: 150 });
    expect(await limitsOf()).toEqual({ memory: 150, memorySwap: 200, pids: 5 });
    await updateContainer(context, 'one', { memorySwap: -1, memory: 500 });
    expect(await limitsOf()).toEqual({ memory: 500, memorySwap: -1, pids: 5 });
  });
  it.each([
    [{ memory: 100, memorySwap: 200 }, { memory: 300 }, 'set already'],
    [{ memory: 100, memorySwap: 200 }, { memorySwap: 50 }, 'less than the memory limit'],
    [{}, { memorySwap: 50 }, 'needs a memory limit'],
    [{ cpus: 1 }, { cpuQuota: 5000 }, 'cannot both be set'],
  ])('of %j refuses %j', async (limits, change, why) => {
    await make('one', { limits });
    await expect(updateContainer(context, 'one', change)).rejects.toThrow(why);
    expect(await limitsOf()).toEqual(limits);
  });
});

describe('prune', () => {
  it.each([
    [[], []],
    [['label=keep'], ['plain']],
    [['label!=keep'], ['kept']],
    [['label=keep=no'], ['kept', 'plain']],
    [['until=1h'], ['kept', 'plain']],
    [['until=2026-01-02T00:00:00Z'], []],
  ])('with %j leaves %j', async (filters, left) => {
    await make('plain');
    await make('kept', { labels: { keep: 'yes' } });
    await pruneContainers(context, filters);
    expect(await names()).toEqual(left);
  });
  it('leaves what runs or is being started', async () => {
    const id = await make('runs');
    await writeState(context.root, id, { version: 1, status: 'running', supervisor: context.self });
    expect(await pruneContainers(context, [])).toEqual({ deleted: [], reclaimed: 0 });
  });
  it.each(['foo=1', 'until=soon', 'until!=1h', 'label'])('refuses %s', async (filter) => {
    await expect(pruneContainers(context, [filter])).rejects.toThrow('invalid filter');
  });
});
