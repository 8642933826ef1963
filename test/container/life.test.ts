import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { execInContainer } from '../../src/container/exec.ts';
import { listContainers } from '../../src/container/list.ts';
import type { CreateOptions } from '../../src/container/plan.ts';
import { removeContainer } from '../../src/container/remove.ts';
import type { Container } from '../../src/container/schema.ts';
import { GockerError } from '../../src/errors.ts';
import { type FakeContext, fakeContext, SELF } from './fake-context.ts';
import { runIn, statesIn, streams, tracesIn } from './fake-life.ts';
import { identity } from './fake-runtime.ts';

let context: FakeContext;

beforeEach(() => {
  context = fakeContext();
});
afterEach(() => context.cleanUp());

const run = (options: CreateOptions = {}, from = context) => runIn(from, options);
const states = () => statesIn(context);
const traces = () => tracesIn(context);

describe('a container', () => {
  it('is running, then exited with what the program returned', async () => {
    const container = await run({ name: 'one' });
    expect(await states()).toEqual(['one running -']);
    expect(context.attached.has(container.id)).toBe(true);
    context.end({ exitCode: 3, oomKilled: true });
    expect(await container.wait()).toEqual({ exitCode: 3, oomKilled: true });
    const [{ state } = {} as Container] = (await listContainers(context)).containers as Container[];
    expect(state).toEqual({
      version: 1,
      status: 'exited',
      exitCode: 3,
      oomKilled: true,
      startedAt: '2026-01-01T00:00:00.000Z',
      finishedAt: '2026-01-01T00:00:00.000Z',
    });
    expect(context.attached.size).toBe(0);
    expect(context.snapshots.has(container.id)).toBe(true);
  });

  it('is gone after its end with --rm, and its name is free', async () => {
    const container = await run({ name: 'one', remove: true });
    context.end({ exitCode: 0, oomKilled: false });
    await container.wait();
    expect(traces()).toEqual([]);
    await run({ name: 'one' });
    expect(await states()).toEqual(['one running -']);
  });

  it('is known before its program runs', async () => {
    const { runtime } = context;
    context.runtime = {
      ...runtime,
      run: (plan, own, onCreated) =>
        runtime.run(plan, own, async (pid1) => {
          await onCreated(pid1);
          const state = JSON.parse(
            readFileSync(join(context.root, 'containers', plan.id, 'state.json'), 'utf8'),
          );
          expect(state).toMatchObject({ status: 'running', identity: pid1, supervisor: identity(SELF) });
        }),
    };
    await run();
  });

  it('stays as docker leaves it when its program cannot run, unless it was to be removed', async () => {
    context.behaviour.fail = new GockerError('NOT_FOUND', 'no sh', { exitCode: 127 });
    await expect(run({ name: 'one' })).rejects.toThrow('no sh');
    expect(await states()).toEqual(['one created 127']);
    await removeContainer(context, 'one');
    await expect(run({ name: 'one', remove: true })).rejects.toThrow('no sh');
    expect(traces()).toEqual([]);
  });

  it('leaves nothing when it cannot be made', async () => {
    context.behaviour.prepareFails = new Error('disk full');
    await expect(run({ name: 'one' })).rejects.toThrow('disk full');
    await expect(run({ hostname: 'a b' })).rejects.toThrow('invalid hostname');
    expect(traces()).toEqual([]);
  });

  it("has the user's mounts instead of gocker's own where both want a place", async () => {
    const bind = { source: context.root, destination: '/etc/hosts', readonly: true, recursive: true };
    await run({ binds: [bind] });
    expect(context.plans[0]!.binds).toEqual([bind]);
    await run();
    expect(context.plans[1]!.binds).toHaveLength(1);
  });
});

describe('names', () => {
  it('are taken once', async () => {
    const { id } = await run({ name: 'one' });
    await expect(run({ name: 'one' })).rejects.toThrow(
      `the container name "one" is already in use by container ${id.slice(0, 12)}`,
    );
    expect(await states()).toEqual(['one running -']);
    await run({ name: 'two' });
    expect(await states()).toHaveLength(2);
  });

  it.each(['', 'a', '-a', 'a/b', '../x', 'a b', 'a\n', 'f'.repeat(64), 'x'.repeat(129)])(
    'refuse %j',
    async (name) => {
      await expect(run({ name })).rejects.toThrow('invalid container name');
    },
  );

  it.each(['ab', 'A_b.c-1', 'x'.repeat(128), 'f'.repeat(63)])('accept %j', async (name) => {
    await run({ name });
    expect(await states()).toEqual([`${name} running -`]);
  });

  it('are generated', async () => {
    await run();
    expect(await states()).toEqual([expect.stringMatching(/^[a-z]+_[a-z]+ running -$/)]);
  });
});

describe('exec', () => {
  it('needs a container that runs', async () => {
    const container = await run({ name: 'one' });
    context.end({ exitCode: 0, oomKilled: false });
    await container.wait();
    const request = { container: 'one', command: ['true'] };
    await expect(execInContainer(context, request, streams)).rejects.toThrow('container "one"');
    await run({ name: 'two' });
    await expect(execInContainer(context, { ...request, container: 'two' }, streams)).rejects.toThrow(
      'not in this fake',
    );
  });
});
