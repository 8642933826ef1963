import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createContainer } from '../../src/container/create.ts';
import { listContainers } from '../../src/container/list.ts';
import { stagedDirectoryOf } from '../../src/container/paths.ts';
import type { MountRequest } from '../../src/container/plan/schema.ts';
import type { CreateOptions } from '../../src/container/plan.ts';
import { removeContainer } from '../../src/container/remove.ts';
import { runContainer } from '../../src/container/run.ts';
import { createOnly } from '../../src/container/start.ts';
import { ensureVolume } from '../../src/container/volumes/create.ts';
import { imagesOfContainer } from '../../src/container/volumes/images.ts';
import { listVolumes } from '../../src/container/volumes/list.ts';
import { mountpointOf, stagedVolumeDirectory } from '../../src/container/volumes/paths.ts';
import { pruneVolumes } from '../../src/container/volumes/prune.ts';
import { removeVolume } from '../../src/container/volumes/remove.ts';
import type { ImageRunConfig } from '../../src/image/types.ts';
import { type FakeContext, fakeContext, fakeImage, identity } from './fake-context.ts';

const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
let context: FakeContext;

beforeEach(() => {
  context = fakeContext();
});
afterEach(() => context.cleanUp());

const request = (options: CreateOptions, image: ImageRunConfig = {}) => ({
  options,
  image: fakeImage({ Cmd: ['sh'], ...image }),
  reference: 'alpine',
  storageDriver: 'fake',
});
const create = (options: CreateOptions, image?: ImageRunConfig) =>
  createOnly(context, request(options, image));
const named = (source: string, destination: string, more: Partial<MountRequest> = {}): MountRequest => ({
  text: `${source}:${destination}`,
  type: 'volume',
  source,
  destination,
  ...more,
});
const unnamed = (destination: string): MountRequest => ({ text: destination, type: 'volume', destination });
const names = () =>
  existsSync(join(context.root, 'volumes')) ? readdirSync(join(context.root, 'volumes')) : [];
const data = (name: string) => mountpointOf(context.root, name);

describe('a volume', () => {
  it('is made once, and stays as it is', async () => {
    const made = await ensureVolume(context, { name: 'data', labels: { a: 'b' } });
    expect(made).toMatchObject({ name: 'data', labels: { a: 'b' }, mountpoint: data('data') });
    expect(await ensureVolume(context, { name: 'data', labels: { c: 'd' } })).toEqual(made);
    await Promise.all([1, 2, 3].map(() => ensureVolume(context, { name: 'many' })));
    expect(names()).toEqual(['data', 'many']);
  });

  it.each(['', 'a', '../x', 'a/b', '.new', '-a', 'a b', 'a\n', 'x'.repeat(181)])(
    'is not called %j',
    async (name) => {
      await expect(ensureVolume(context, { name })).rejects.toThrow('create ');
      expect(names()).toEqual([]);
    },
  );

  it.each(['ab', 'A_b.c-1', 'f'.repeat(64), 'x'.repeat(180)])('may be called %j', async (name) => {
    await ensureVolume(context, { name });
    expect(names()).toEqual([name]);
  });

  it.each([
    [{ type: 'nfs', device: ':/x', o: 'addr=1.2.3.4' }, 'volumes of type "nfs" are not supported'],
    [{ type: 'none', o: 'bind' }, 'missing device'],
    [{ type: 'none', o: 'bind', device: 'x' }, 'not an absolute path'],
    [{ type: 'none', o: 'bind,noexec', device: '/x' }, '"noexec" is not supported'],
    [{ size: '1g' }, 'project quotas'],
    [{ foo: 'x' }, 'invalid option: "foo"'],
  ])('is not made with %j', async (options, why) => {
    await expect(
      ensureVolume(context, { name: 'data', options: options as Record<string, string> }),
    ).rejects.toThrow(why);
    expect(names()).toEqual([]);
  });

  it('that a killed process was making or removing is gone with the next list', async () => {
    await ensureVolume(context, { name: 'data' });
    for (const stage of ['new', 'del'] as const)
      mkdirSync(
        join(
          stagedVolumeDirectory(context.root, { stage, name: 'x1', owner: identity(666), turn: 0 }),
          '_data/d',
        ),
        {
          recursive: true,
        },
      );
    mkdirSync(
      stagedVolumeDirectory(context.root, { stage: 'new', name: 'x2', owner: context.self, turn: 3 }),
    );
    await listVolumes(context);
    expect(names()).toEqual([expect.stringMatching(/^\.new-x2/), 'data']);
  });

  it('with a damaged record is told, and no other suffers', async () => {
    await ensureVolume(context, { name: 'data' });
    await ensureVolume(context, { name: 'good' });
    writeFileSync(join(context.root, 'volumes/data/volume.json'), '{');
    const { volumes, damaged } = await listVolumes(context);
    expect(volumes.map(({ volume }) => volume.name)).toEqual(['good']);
    expect(damaged[0]!.error.message).toContain('volume.json is damaged: it is not JSON');
  });
});

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

it('an image that is mounted is needed as the own one is', async () => {
  const image = { reference: 'tools', id: `sha256:${'b'.repeat(64)}`, chainID: `sha256:${'c'.repeat(64)}` };
  const { id, config } = await create({
    mounts: [{ type: 'image', source: 'tools', destination: '/t', image }],
  });
  expect(imagesOfContainer(config)).toEqual([config.image.id, image.id]);
  expect(context.snapshots).toContain(`${id}-image-0`);
  await removeContainer(context, id);
  expect([...context.snapshots]).toEqual([]);
});

describe('what an image has where a volume goes', () => {
  beforeEach(() => {
    mkdirSync(join(context.image, 'd/sub'), { recursive: true, mode: 0o750 });
    writeFileSync(join(context.image, 'd/sub/file'), 'from the image');
    writeFileSync(join(context.image, 'd/.wh.name'), '');
    symlinkSync('/nowhere', join(context.image, 'd/link'));
  });

  it('is copied once, into an empty volume', async () => {
    await create({ mounts: [named('data', '/d')] });
    expect(readdirSync(data('data'))).toEqual(['.wh.name', 'link', 'sub']);
    expect(statSync(data('data')).mode & 0o777).toBe(0o750);
    writeFileSync(join(data('data'), 'sub/file'), 'mine');
    await create({ mounts: [named('data', '/d')] });
    expect(readFileSync(join(data('data'), 'sub/file'), 'utf8')).toBe('mine');
    expect(readdirSync(join(context.root, 'volumes/data')).sort()).toEqual(['_data', 'volume.json']);
  });

  it('is not copied with nocopy, nor below a link out of the root', async () => {
    symlinkSync('/etc', join(context.image, 'out'));
    symlinkSync('../../../../../../../../etc', join(context.image, 'up'));
    await create({ mounts: [named('v1', '/d', { nocopy: true }), named('v2', '/out'), named('v3', '/up')] });
    expect(['v1', 'v2', 'v3'].flatMap((name) => readdirSync(data(name)))).toEqual([]);
  });

  it('is moved in by the next one when a process was killed on the way', async () => {
    await ensureVolume(context, { name: 'data' });
    const staged = join(context.root, 'volumes/data/copy');
    mkdirSync(join(`${staged}.unfinished`, 'half'), { recursive: true });
    await create({ mounts: [named('data', '/d')] });
    expect(readdirSync(data('data'))).toEqual(['.wh.name', 'link', 'sub']);
    mkdirSync(join(staged, 'rest'), { recursive: true });
    mkdirSync(join(staged, 'sub/other'), { recursive: true });
    await create({ mounts: [named('data', '/d')] });
    expect(readdirSync(data('data'))).toEqual(['.wh.name', 'link', 'rest', 'sub']);
    expect(readdirSync(join(data('data'), 'sub'))).toEqual(['file']);
    expect(existsSync(staged)).toBe(false);
  });
});
