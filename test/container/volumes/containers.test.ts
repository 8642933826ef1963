import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createContainer } from '../../../src/container/create.ts';
import { listContainers } from '../../../src/container/list.ts';
import { stagedDirectoryOf } from '../../../src/container/paths.ts';
import type { CreateOptions } from '../../../src/container/plan.ts';
import { removeContainer } from '../../../src/container/remove.ts';
import { runContainer } from '../../../src/container/run.ts';
import { createOnly } from '../../../src/container/start.ts';
import { listVolumes } from '../../../src/container/volumes/list.ts';
import { mountpointOf } from '../../../src/container/volumes/paths.ts';
import { pruneVolumes } from '../../../src/container/volumes/prune.ts';
import { removeVolume } from '../../../src/container/volumes/remove.ts';
import type { ImageRunConfig } from '../../../src/image/types.ts';
import { type FakeContext, fakeContext } from '../fake-context.ts';
import { identity } from '../fake-runtime.ts';
import { named, request, unnamed, volumeNames } from './requests.ts';

let context: FakeContext;

beforeEach(() => {
  context = fakeContext();
});
afterEach(() => context.cleanUp());

const create = (options: CreateOptions, image?: ImageRunConfig) =>
  createOnly(context, request(options, image));
const names = () => volumeNames(context.root);
const data = (name: string) => mountpointOf(context.root, name);
const streams = { stdout: new PassThrough(), stderr: new PassThrough() };

describe("a container's volumes", () => {
  it('are made with it, and stay without -v', async () => {
    const { id, config } = await create(
      { mounts: [named('data', '/d'), unnamed('/e')] },
      { Volumes: { '/f': {} } },
    );
    const [, anonymous, ofImage] = config.binds.map(({ volume }) => volume!);
    expect(config.binds.map(({ destination }) => destination)).toEqual(['/d', '/e', '/f']);
    expect(anonymous).toEqual({ name: expect.stringMatching(/^[0-9a-f]{64}$/), anonymous: true });
    expect(names().sort()).toEqual(['data', anonymous!.name, ofImage!.name].sort());
    await expect(removeVolume(context, 'data')).rejects.toThrow(`remove data: volume is in use - [${id}]`);
    writeFileSync(join(data('data'), 'mine'), 'x');
    await removeContainer(context, id);
    expect(names()).toHaveLength(3);
    expect((await listVolumes(context, ['dangling=true'])).volumes).toHaveLength(3);
    expect((await pruneVolumes(context)).deleted.sort()).toEqual([anonymous!.name, ofImage!.name].sort());
    expect(readFileSync(join(data('data'), 'mine'), 'utf8')).toBe('x');
    await removeVolume(context, 'data');
    expect(names()).toEqual([]);
  });

  it('go with it by -v when they are anonymous, unless another has them', async () => {
    const { id, config } = await create({ mounts: [named('data', '/d'), unnamed('/e')], name: 'one' });
    const anonymous = config.binds[1]!.volume!.name;
    const other = await create({ volumesFrom: ['one:ro'] });
    expect(other.config.binds).toMatchObject([
      { destination: '/d', readonly: true, volume: { name: 'data', nocopy: true } },
      { destination: '/e', readonly: true, volume: { name: anonymous, anonymous: true } },
    ]);
    await removeContainer(context, id, { volumes: true });
    expect(names().sort()).toEqual([anonymous, 'data'].sort());
    await removeContainer(context, other.id, { volumes: true });
    expect(names()).toEqual(['data']);
  });

  it('go with it by --rm when they are anonymous', async () => {
    const mounts = [named('data', '/d'), unnamed('/e')];
    const container = await runContainer(context, request({ mounts, remove: true }), streams);
    expect(names()).toHaveLength(2);
    context.end({ exitCode: 0, oomKilled: false });
    await container.wait();
    expect(names()).toEqual(['data']);
  });

  it('leave nothing when it cannot be made', async () => {
    context.behaviour.prepareFails = new Error('disk full');
    await expect(create({ mounts: [unnamed('/e')] })).rejects.toThrow('disk full');
    await expect(create({ mounts: [unnamed('/e')], hostname: 'a b' })).rejects.toThrow('hostname');
    await expect(create({ mounts: [named('a/b', '/e')] })).rejects.toThrow('includes invalid characters');
    await expect(create({ mounts: [unnamed('/e'), unnamed('/e')] })).rejects.toThrow(
      'duplicate mount point: /e',
    );
    expect(names()).toEqual([]);
  });

  it('are found when its maker was killed before it was published', async () => {
    const other = context.otherProcess(300);
    const { id, config } = await createContainer(
      other,
      request({ mounts: [named('data', '/d'), unnamed('/e')] }),
    );
    const staged = stagedDirectoryOf(context.root, { stage: 'new', id, owner: other.self });
    renameSync(join(context.root, 'containers', id), staged);
    await listContainers(context);
    expect(names().sort()).toEqual([config.binds[1]!.volume!.name, 'data'].sort());
    context.alive.delete(300);
    await listContainers(context);
    expect([names(), existsSync(staged)]).toEqual([['data'], false]);
  });

  it('are found when its maker was killed before it was whole', async () => {
    const other = context.otherProcess(300);
    await createContainer(other, request({ mounts: [unnamed('/e')] }));
    context.alive.delete(300);
    expect((await listContainers(context)).containers).toEqual([]);
    expect(names()).toEqual([]);
  });

  it('go on being removed when rm -v was killed, and stay when it was rm', async () => {
    for (const removeVolumes of [true, false]) {
      const { id } = await create({ mounts: [unnamed('/e')] });
      const directory = join(context.root, 'containers', id);
      const state = JSON.parse(readFileSync(join(directory, 'state.json'), 'utf8'));
      writeFileSync(
        join(directory, 'state.json'),
        JSON.stringify(removeVolumes ? { ...state, removeVolumes } : state),
      );
      renameSync(directory, stagedDirectoryOf(context.root, { stage: 'del', id, owner: identity(666) }));
      await listContainers(context);
      expect(names()).toHaveLength(removeVolumes ? 0 : 1);
    }
  });

  it('are kept while a record that may name them is damaged', async () => {
    const { id } = await create({ mounts: [named('data', '/d')] });
    writeFileSync(join(context.root, 'containers', id, 'config.json'), '{');
    await expect(removeVolume(context, 'data')).rejects.toThrow('is damaged, and it may have the volume');
    expect((await pruneVolumes(context, { all: true })).deleted).toEqual([]);
    await removeContainer(context, id, { force: true });
    await removeVolume(context, 'data');
  });

  it("come after the user's mounts, and those of other containers between them", async () => {
    await create({ name: 'one', mounts: [named('v1', '/a'), named('v2', '/b'), named('v3', '/c')] });
    await create({ name: 'two', mounts: [named('v4', '/b')] });
    const image = { Volumes: { '/a': {}, '/b/': {}, '/z': {} } };
    const tmpfs = [{ destination: '/c', options: [] }];
    const { config } = await create(
      { tmpfs, mounts: [named('mine', '/a')], volumesFrom: ['one', 'two'] },
      image,
    );
    expect(
      config.binds.map(({ destination, volume }) => [destination, volume!.anonymous ? '' : volume!.name]),
    ).toEqual([
      ['/a', 'mine'],
      ['/b', 'v4'],
      ['/z', ''],
    ]);
  });

  it.each([
    ['nosuch', 'No such container: nosuch'],
    ['one:rx', 'invalid mode for volumes-from: "rx"'],
    ['', 'invalid volumes-from specification'],
    ['one:ro:z', 'invalid volumes-from specification'],
  ])('are not taken from %j', async (text, why) => {
    await create({ name: 'one' });
    await expect(create({ volumesFrom: [text] })).rejects.toThrow(why);
  });

  it.each(['/proc', '/', 'data'])('are refused where an image wants one at %j', async (path) => {
    await expect(create({}, { Volumes: { [path]: {} } })).rejects.toThrow(/may be mounted|must be absolute/);
    expect(names()).toEqual([]);
  });
});
