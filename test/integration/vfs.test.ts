/** The storage driver that copies, and how a root comes by its driver. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MNT } from '../../native/constants.ts';
import { createSyscalls } from '../../native/index.ts';
import { buildImage } from '../fixtures/image.ts';
import { startRegistry, type TestRegistry } from '../fixtures/registry.ts';
import { image, integration, useGocker } from './helpers.ts';

integration('storage driver vfs', () => {
  const gocker = useGocker();
  const busybox = image('busybox:1');
  let registry: TestRegistry;
  let name: string;

  beforeAll(async () => {
    gocker.env.GOCKER_STORAGE_DRIVER = 'vfs';
    registry = await startRegistry();
    name = `${registry.host}/layers:1`;
    const layers = [
      { entries: [{ name: 'bin/busybox', mode: 0o4755, body: readFileSync('/bin/busybox') }] },
      {
        entries: [
          { name: 'd', type: 'directory' as const },
          { name: 'd/gone', body: 'x' },
          { name: 'd/stays', body: 'y' },
          { name: 'o/old', body: 'z' },
        ],
      },
      {
        entries: [
          { name: 'd/.wh.gone', body: '' },
          { name: 'o/.wh..wh..opq', body: '' },
          { name: 'o/new', body: 'n' },
          { name: 'd/hard', type: 'link' as const, link: 'd/stays' },
        ],
      },
    ];
    registry.addImage(
      'layers',
      '1',
      buildImage({ layers, run: { Cmd: ['/bin/busybox', 'find', '/d', '/o'] } }),
    );
    await out('pull', '-q', name);
  });
  afterAll(() => registry.close());

  const out = async (...args: string[]) => {
    const { code, stdout, stderr } = await gocker(args);
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
    return stdout;
  };

  test('unpacks each layer on a copy of those below, and a container on a copy of its image', async () => {
    const found = (await out('run', '--network', 'none', '--rm', name)).trim().split('\n').sort();
    expect(found).toEqual(['/d', '/d/hard', '/d/stays', '/o', '/o/new']);
    const script = 'stat -c "%a %h %i" /bin/busybox /d/stays /d/hard';
    const [program, stays, hard] = (
      await out('run', '--network', 'none', '--rm', name, '/bin/busybox', 'sh', '-c', script)
    ).split('\n');
    expect(program).toMatch(/^4755 1 /);
    expect(hard).toBe(stays);
    expect(stays).toMatch(/^644 2 /);
    await out('run', '--network', 'none', name, '/bin/busybox', 'rm', '-r', '/d');
    expect((await out('run', '--network', 'none', '--rm', name)).trim().split('\n').sort()).toEqual(found);
    expect(await out('image', 'verify', '-q')).toBe('');
  });

  test('tells what has changed, and how much that is', async () => {
    const script = 'echo hi > /x; rm /d/stays; mkdir /new; echo 12345 > /new/f; chmod 700 /o';
    await out('run', '--network', 'none', '--name', 'changed', name, '/bin/busybox', 'sh', '-c', script);
    expect((await out('diff', 'changed')).trim().split('\n')).toEqual([
      ...['C /d', 'D /d/stays', 'A /new', 'A /new/f', 'C /o', 'A /x'],
    ]);
    expect(await out('ps', '-as', '--filter', 'name=changed', '--format', '{{.Size}}')).toMatch(
      /^9B \(virtual /,
    );
    expect((await gocker(['cp', 'changed:/new/f', '-'])).stdout).toContain('12345\n');
  });

  test('frees all that it took', async () => {
    const ids = (await out('ps', '-aq')).trim().split('\n').filter(Boolean);
    if (ids.length > 0) await out('rm', ...ids);
    expect(await out('rmi', name)).toContain(`Untagged: ${name}\n`);
    expect(readdirSync(join(gocker.root, 'storage/vfs')).sort()).toEqual(
      ['driver', 'empty', 'lock', 'names', 'removal.lock', 'removing'].filter((one) => one !== 'driver'),
    );
    expect(readdirSync(join(gocker.root, 'storage/vfs/names'))).toEqual([]);
  });

  test('a root keeps the driver that it has, and one that is empty takes another', async () => {
    await out('pull', '-q', busybox);
    const other = await gocker(['images'], { env: { GOCKER_STORAGE_DRIVER: 'overlayfs' } });
    expect(other).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is kept by storage driver vfs, not by overlayfs'),
    });
    const same = await gocker(['info', '--format', '{{.Driver}}'], { env: { GOCKER_STORAGE_DRIVER: '' } });
    expect(same.stdout).toBe('vfs\n');
    await out('image', 'prune', '-af');
    const taken = await gocker(['--storage-driver', 'overlayfs', 'pull', '-q', busybox]);
    expect(taken).toMatchObject({ code: 0 });
    const now = await gocker(['info', '--format', '{{.Driver}}'], { env: { GOCKER_STORAGE_DRIVER: '' } });
    expect(now.stdout).toBe('overlayfs\n');
    expect((await gocker(['--storage-driver', 'none', 'pull', '-q', busybox])).stderr).toMatch(
      /kept by storage driver/,
    );
  });

  test('comes by itself where overlayfs cannot be, and says why once', async () => {
    const syscalls = createSyscalls();
    const place = mkdtempSync(join(tmpdir(), 'gocker-vfs-'));
    syscalls.mount('tmpfs', place, 'tmpfs', 0, 'size=100m');
    const [lower, upper, work, merged] = ['l', 'u', 'w', 'm'].map((one) => join(place, one));
    for (const one of [lower, upper, work, merged]) mkdirSync(one!);
    syscalls.mount('overlay', merged!, 'overlay', 0, `lowerdir=${lower},upperdir=${upper},workdir=${work}`);
    try {
      const env = { GOCKER_ROOT: join(merged!, 'root'), GOCKER_STORAGE_DRIVER: '' };
      const why = /^storage driver vfs, which copies every layer: overlayfs on .*: invalid argument$/m;
      const first = await gocker(['pull', '-q', busybox], { env });
      expect(first).toMatchObject({ code: 0, stderr: expect.stringMatching(why) });
      const second = await gocker(['run', '--network', 'none', '--rm', busybox, 'echo', 'ran'], { env });
      expect(second).toEqual({ code: 0, stdout: 'ran\n', stderr: '' });
      const asked = { ...env, GOCKER_ROOT: join(merged!, 'other'), GOCKER_STORAGE_DRIVER: 'overlayfs' };
      const refused = await gocker(['pull', '-q', busybox], { env: asked });
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('overlayfs on') });
    } finally {
      for (const one of [merged!, place]) syscalls.umount2(one, MNT.DETACH);
      rmSync(place, { recursive: true });
    }
  });

  test('the note of the driver may be lost', async () => {
    const note = join(gocker.root, 'storage/driver');
    for (const damage of [() => rmSync(note), () => writeFileSync(note, 'ovrlayfs')]) {
      rmSync(join(gocker.root, 'storage/vfs'), { recursive: true, force: true });
      damage();
      const { stdout } = await gocker(['info', '--format', '{{.Driver}}'], {
        env: { GOCKER_STORAGE_DRIVER: '' },
      });
      expect(stdout).toBe('overlayfs\n');
      writeFileSync(note, 'overlayfs');
    }
  });
});
