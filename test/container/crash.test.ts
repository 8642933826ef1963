import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listContainers } from '../../src/container/list.ts';
import { stagedDirectoryOf } from '../../src/container/paths.ts';
import type { CreateOptions } from '../../src/container/plan.ts';
import { removeContainer } from '../../src/container/remove.ts';
import type { Container } from '../../src/container/schema.ts';
import { type FakeContext, fakeContext, SELF } from './fake-context.ts';
import { runIn, statesIn, tracesIn } from './fake-life.ts';
import { identity } from './fake-runtime.ts';

let context: FakeContext;

beforeEach(() => {
  context = fakeContext();
});
afterEach(() => context.cleanUp());

const run = (options: CreateOptions = {}, from = context) => runIn(from, options);
const states = () => statesIn(context);
const traces = () => tracesIn(context);

describe('rm', () => {
  it('refuses what runs, and ends it with force', async () => {
    const container = await run({ name: 'one' });
    const ended = container.wait();
    await expect(removeContainer(context, 'one')).rejects.toThrow('cannot remove container "one"');
    await removeContainer(context.otherProcess(101), container.id.slice(0, 5), { force: true });
    expect(await ended).toEqual({ exitCode: 137, oomKilled: false });
    expect(traces()).toEqual([]);
  });

  it('removes what has ended', async () => {
    const container = await run({ name: 'one' });
    context.end({ exitCode: 0, oomKilled: false });
    await container.wait();
    await removeContainer(context, 'one');
    expect(traces()).toEqual([]);
    await expect(removeContainer(context, 'one')).rejects.toThrow('No such container: one');
  });

  it('removes what is damaged only with force', async () => {
    const { id } = await run({ name: 'one' });
    writeFileSync(join(context.root, 'containers', id, 'config.json'), '{');
    const { containers, damaged } = await listContainers(context);
    expect(containers).toEqual([]);
    expect(damaged[0]!.error.message).toMatch(/config\.json is damaged/);
    await expect(removeContainer(context, id)).rejects.toThrow('damaged');
    await removeContainer(context, id, { force: true });
    expect(readdirSync(join(context.root, 'containers'))).toEqual([]);
    await run({ name: 'one' });
  });

  it('leaves records of a newer gocker alone', async () => {
    const { id } = await run({ name: 'one' });
    const path = join(context.root, 'containers', id, 'state.json');
    writeFileSync(path, JSON.stringify({ version: 2, status: 'dreaming' }));
    expect((await listContainers(context)).damaged[0]!.error).toMatchObject({ code: 'RECORD_TOO_NEW' });
  });
});

describe('after a crash', () => {
  it('a container whose supervisor died is ended and marked', async () => {
    const crashed = context.otherProcess(101);
    const { id } = await run({ name: 'one' }, crashed);
    context.behaviour.oom = true;
    context.alive.delete(101);
    // Who is dead sees no end.
    context.end = () => {};
    expect(await states()).toEqual(['one exited 255']);
    expect(context.destroyed).toContain(id);
    const [{ state } = {} as Container] = (await listContainers(context)).containers as Container[];
    expect(state).toMatchObject({ oomKilled: true, error: expect.stringContaining('killed') });
    expect(context.attached.size).toBe(0);
  });

  it('one that was to be removed is removed', async () => {
    await run({ name: 'one', remove: true }, context.otherProcess(101));
    context.alive.delete(101);
    expect(await states()).toEqual([]);
    expect(traces()).toEqual([]);
  });

  it('its name is free for the next', async () => {
    await run({ name: 'one', remove: true }, context.otherProcess(101));
    context.alive.delete(101);
    await run({ name: 'one' });
    expect(await states()).toEqual(['one running -']);
  });

  it('one that was being made is removed', async () => {
    const crashed = context.otherProcess(101);
    const { runtime } = context;
    crashed.runtime = { ...runtime, run: () => new Promise(() => {}) };
    void run({ name: 'one' }, crashed);
    await expect.poll(() => states()).toEqual(['one created -']);
    await expect(removeContainer(context, 'one')).rejects.toThrow('it is being started');
    context.alive.delete(101);
    expect(await states()).toEqual([]);
    expect(traces()).toEqual([]);
  });

  it('directories that were being made or removed are cleared, those of living processes kept', async () => {
    const id = 'b'.repeat(64);
    mkdirSync(stagedDirectoryOf(context.root, { stage: 'new', id, owner: identity(101) }), {
      recursive: true,
    });
    mkdirSync(stagedDirectoryOf(context.root, { stage: 'del', id, owner: identity(101) }), {
      recursive: true,
    });
    mkdirSync(stagedDirectoryOf(context.root, { stage: 'new', id, owner: identity(SELF) }), {
      recursive: true,
    });
    context.snapshots.add(id);
    await listContainers(context);
    expect(readdirSync(join(context.root, 'containers'))).toEqual([
      expect.stringContaining(`.new-${id}.${SELF}.`),
    ]);
    expect(context.snapshots.size).toBe(0);
  });

  it('the end of a container is on record even when its networks cannot be left', async () => {
    const container = await run({ name: 'one' });
    const { networks } = context;
    context.networks = { ...networks, find: () => Promise.reject(new Error('disk full')) };
    context.end({ exitCode: 4, oomKilled: false });
    await expect(container.wait()).rejects.toThrow('disk full');
    expect(await states()).toEqual(['one exited 4']);
    expect(context.attached.size).toBe(1);
    context.networks = networks;
    context.alive.delete(SELF);
    expect(await states()).toEqual(['one exited 4']);
    expect(context.attached.size).toBe(0);
  });

  it('a name that nothing holds is free', async () => {
    mkdirSync(join(context.root, 'names'), { recursive: true });
    writeFileSync(join(context.root, 'names', 'one'), 'c'.repeat(64));
    await run({ name: 'one' });
    expect(await states()).toEqual(['one running -']);
  });
});
