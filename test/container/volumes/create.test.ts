import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureVolume } from '../../../src/container/volumes/create.ts';
import { listVolumes } from '../../../src/container/volumes/list.ts';
import { mountpointOf, stagedVolumeDirectory } from '../../../src/container/volumes/paths.ts';
import { type FakeContext, fakeContext } from '../fake-context.ts';
import { identity } from '../fake-runtime.ts';
import { volumeNames } from './requests.ts';

let context: FakeContext;

beforeEach(() => {
  context = fakeContext();
});
afterEach(() => context.cleanUp());

const names = () => volumeNames(context.root);
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
