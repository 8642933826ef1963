import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CreateOptions } from '../../../src/container/plan.ts';
import { removeContainer } from '../../../src/container/remove.ts';
import { createOnly } from '../../../src/container/start.ts';
import { ensureVolume } from '../../../src/container/volumes/create.ts';
import { imagesOfContainer } from '../../../src/container/volumes/images.ts';
import { mountpointOf } from '../../../src/container/volumes/paths.ts';
import type { ImageRunConfig } from '../../../src/image/types.ts';
import { type FakeContext, fakeContext } from '../fake-context.ts';
import { named, request } from './requests.ts';

let context: FakeContext;

beforeEach(() => {
  context = fakeContext();
});
afterEach(() => context.cleanUp());

const create = (options: CreateOptions, image?: ImageRunConfig) =>
  createOnly(context, request(options, image));
const data = (name: string) => mountpointOf(context.root, name);

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
