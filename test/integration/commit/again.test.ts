/** An image that was made here comes back from elsewhere: its layers are here already, by names older than their digests. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Registry, startRegistry } from '../ground/registry.ts';
import { image, integration, useGocker } from '../helpers.ts';

integration('a committed image that was pushed', () => {
  const gocker = useGocker();
  const busybox = image('busybox:1');
  let registry: Registry;
  let name = '';
  beforeAll(async () => {
    registry = await startRegistry();
    name = `${registry.host}/team/again:1`;
    await done('pull', '-q', busybox);
    await commit(busybox, 'echo made > /file', name);
    await done('push', '-q', name);
  });
  afterAll(() => registry.stop());

  async function done(...args: string[]): Promise<string> {
    const result = await gocker(args);
    expect(result, `gocker ${args.join(' ')}`).toMatchObject({ code: 0 });
    return result.stdout.trim();
  }
  async function commit(base: string, script: string, target: string): Promise<void> {
    await done('run', '--network', 'none', '--name', 'cc', base, 'sh', '-c', script);
    await done('commit', 'cc', target);
    await done('rm', 'cc');
  }
  const snapshots = () => readdirSync(join(gocker.root, 'storage/overlayfs/names')).sort();
  const expectMade = async () =>
    expect(await done('run', '--rm', '--network', 'none', name, 'cat', '/file')).toBe('made');

  test('is not unpacked once more when it is pulled', async () => {
    const before = snapshots();
    expect(await done('pull', name)).toContain('Image is up to date');
    expect(snapshots()).toEqual(before);
    await expectMade();
  });

  test('is not unpacked once more when it is pulled or loaded after its name went', async () => {
    const archive = join(gocker.env.HOME!, 'again.tar');
    await done('save', '-o', archive, name);
    await commit(name, 'echo more >> /file', 'on-top:1');
    for (const args of [
      ['pull', '-q', name],
      ['load', '-q', '-i', archive],
    ]) {
      await done('rmi', name);
      const before = snapshots();
      await done(...args);
      expect(snapshots()).toEqual(before);
      await expectMade();
    }
  });

  test('is unpacked when its layers went too', async () => {
    await done('rmi', name, 'on-top:1');
    const before = snapshots();
    await done('pull', '-q', name);
    expect(snapshots()).toHaveLength(before.length + 1);
    await expectMade();
  });
});
