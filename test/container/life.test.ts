import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { execInContainer } from '../../src/container/exec.ts';
import { listContainers } from '../../src/container/list.ts';
import { stagedDirectoryOf } from '../../src/container/paths.ts';
import type { CreateOptions } from '../../src/container/plan.ts';
import { removeContainer } from '../../src/container/remove.ts';
import { runContainer } from '../../src/container/run.ts';
import type { Container } from '../../src/container/schema.ts';
import { GockerError } from '../../src/errors.ts';
import { type FakeContext, fakeContext, fakeImage, identity, SELF } from './fake-context.ts';

const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
let context: FakeContext;

beforeEach(() => {
  context = fakeContext();
});
afterEach(() => context.cleanUp());

function run(options: CreateOptions = {}, from = context) {
  const request = { options, image: fakeImage(), reference: 'alpine', storageDriver: 'fake' };
  return runContainer(from, request, streams);
}

async function states(from = context) {
  const { containers } = await listContainers(from);
  return containers.map(({ config, state }) => `${config.name} ${state.status} ${state.exitCode ?? '-'}`);
}

/** Names of everything below the root that is about a container. */
function traces(): string[] {
  const names = (folder: string) =>
    readdirSync(join(context.root, folder)).filter((name) => name !== '.lock');
  return [...names('containers'), ...names('names'), ...context.snapshots, ...context.attached];
}

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

  it('a name that nothing holds is free', async () => {
    mkdirSync(join(context.root, 'names'), { recursive: true });
    writeFileSync(join(context.root, 'names', 'one'), 'c'.repeat(64));
    await run({ name: 'one' });
    expect(await states()).toEqual(['one running -']);
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
