import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNetwork } from '../../src/network/create.ts';
import { findNetwork, listNetworks } from '../../src/network/find.ts';
import { removeNetwork, takeAway } from '../../src/network/remove.ts';
import { sweepNetworks } from '../../src/network/sweep.ts';
import { whileUsing } from '../../src/network/use.ts';
import { type FakeNetworks, fakeNetworks } from './fake-networks.ts';

let context: FakeNetworks;
beforeEach(() => {
  context = fakeNetworks();
});
afterEach(() => context.cleanUp());

const nobody = async () => [];
const names = async () => (await listNetworks(context)).map(({ name }) => name);

describe('networks that are always there', () => {
  it('are listed and found before anything was written', async () => {
    expect(await names()).toEqual(['bridge', 'host', 'none']);
    const { id } = await findNetwork(context, 'bridge');
    expect(await findNetwork(context, id.slice(0, 10))).toMatchObject({ name: 'bridge', id });
    expect(await findNetwork(context, 'default')).toMatchObject({ name: 'bridge' });
    expect(readdirSync(context.root)).toEqual([]);
  });
  it('are made by nobody and removed by nobody', async () => {
    for (const name of ['bridge', 'host', 'none']) {
      const message = `operation is not permitted on predefined ${name} network`;
      await expect(createNetwork(context, { name })).rejects.toThrow(message);
      await expect(removeNetwork(context, name, nobody)).rejects.toThrow(
        'pre-defined network and cannot be removed',
      );
    }
    const second = createNetwork(context, { name: 'x', driver: 'host' });
    await expect(second).rejects.toThrow('only one instance of "host" network is allowed');
  });
  it('have a record when they are first used, and only one', async () => {
    const use = () =>
      whileUsing(context, { text: 'bridge' }, async ({ id, subnets }) => [id, subnets.length]);
    const all = await Promise.all([use(), use(), use()]);
    expect(new Set(all.map(String)).size).toBe(1);
    expect(context.made.size).toBe(1);
    expect(await whileUsing(context, { text: 'none' }, async ({ name }) => name)).toBe('none');
  });
  it('let their host side be taken away', async () => {
    const network = await whileUsing(context, { text: 'bridge' }, async (one) => one);
    await takeAway(context, network, nobody);
    expect(context.made.size).toBe(0);
    expect(await names()).toEqual(['bridge', 'host', 'none']);
  });
});

describe('a network', () => {
  it('is found by name, ID and the beginning of its ID', async () => {
    const { id } = await createNetwork(context, { name: 'web', labels: { a: '1' } });
    for (const text of ['web', id, id.slice(0, 6)]) {
      expect(await findNetwork(context, text)).toMatchObject({
        name: 'web',
        labels: { a: '1' },
        subnets: [{ subnet: '10.0.0.0/24' }],
      });
    }
    await expect(findNetwork(context, 'we')).rejects.toThrow('network "we" not found');
    expect(await names()).toEqual(['bridge', 'host', 'none', 'web']);
  });
  it.each(['', 'a b', '../x', '-rf', '.', 'a/b', 'a\nb', 'ä', 'x'.repeat(129), 'f'.repeat(64)])(
    'is not called %j',
    async (name) => {
      await expect(createNetwork(context, { name })).rejects.toThrow('invalid network name');
    },
  );
  it('has a name of its own, also when many are made at once', async () => {
    const all = await Promise.allSettled(
      Array.from({ length: 8 }, () => createNetwork(context, { name: 'web' })),
    );
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(context.made.size).toBe(1);
    await expect(createNetwork(context, { name: 'web' })).rejects.toThrow(
      'network with name web already exists',
    );
  });
  it('leaves nothing when its driver cannot make it', async () => {
    context.fail = new Error('no room');
    await expect(createNetwork(context, { name: 'web' })).rejects.toThrow('no room');
    expect(context.made.size).toBe(0);
    expect(readdirSync(join(context.root, 'networks'))).toEqual([]);
    context.fail = undefined;
    await createNetwork(context, { name: 'web' });
  });
  it('that could not be taken back at once is taken away by the next command', async () => {
    context.fail = new Error('no room');
    context.failRemove = new Error('busy');
    await expect(createNetwork(context, { name: 'web' })).rejects.toThrow('no room');
    expect([context.made.size, await names()]).toEqual([1, ['bridge', 'host', 'none']]);
    context.fail = context.failRemove = undefined;
    await sweepNetworks(context);
    expect(context.made.size).toBe(0);
    expect(readdirSync(join(context.root, 'networks'))).toEqual([]);
  });
  it('stays while somebody is on it', async () => {
    const { id } = await createNetwork(context, { name: 'web' });
    const active = async () => [{ id: 'c'.repeat(64), name: 'one' }];
    await expect(removeNetwork(context, 'web', active)).rejects.toThrow(
      `network web id ${id} has active endpoints`,
    );
    await removeNetwork(context, 'web', nobody);
    expect(context.made.size).toBe(0);
    await expect(findNetwork(context, 'web')).rejects.toThrow('not found');
  });
  it('is removed when those who are attaching are through, and none attaches afterwards', async () => {
    await createNetwork(context, { name: 'web' });
    const order: string[] = [];
    const attach = async (name: string) =>
      await whileUsing(context, { text: 'web' }, async () => {
        await sleep(20);
        order.push(name);
      });
    const first = attach('one');
    await sleep(5);
    const removal = removeNetwork(context, 'web', async () => {
      order.push('asked');
      return [];
    });
    await Promise.all([first, removal]);
    expect(order).toEqual(['one', 'asked']);
    await expect(attach('late')).rejects.toThrow('not found');
  });
});

describe('what a killed process has left', () => {
  it.each([true, false])('is taken away by the next command (record written: %s)', async (written) => {
    const { id } = await createNetwork(context, { name: 'web' });
    const record = readFileSync(join(context.root, 'networks', id, 'network.json'));
    await removeNetwork(context, 'web', nobody);
    const staged = join(context.root, 'networks', `.staged-${id}`);
    mkdirSync(staged);
    if (written) writeFileSync(join(staged, 'network.json'), record);
    if (written) context.made.add(id);
    expect(await names()).not.toContain('web');
    await sweepNetworks(context);
    expect(context.made.size).toBe(0);
    expect(readdirSync(join(context.root, 'networks')).filter((name) => name !== '.lock')).toEqual([]);
  });
});

it('refuses a record that a newer gocker wrote, and one that is damaged', async () => {
  const { id } = await createNetwork(context, { name: 'web' });
  const path = join(context.root, 'networks', id, 'network.json');
  writeFileSync(path, '{"version":2}');
  await expect(names()).rejects.toThrow('newer than this gocker');
  writeFileSync(path, '{');
  await expect(names()).rejects.toThrow('is damaged: it is not JSON');
});
