/** What is left of a commit, a fork and a packing that were killed at any step, and of a disk that was full. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { GOCKER, image, integration, useGocker } from '../helpers.ts';
import { EVERY_STEP, killedAt, stepsToKill } from '../killed-at.ts';

const CALLS: [calls: string, few: number[]][] = [
  ['rename,renameat2', [1, 2, 4]],
  ['symlink,symlinkat', [1]],
  ['mkdir,mkdirat', [2]],
  ['unlink,unlinkat,rmdir', [2]],
  ['fsync,fdatasync', [3]],
];

integration('commit and fork, killed', () => {
  const gocker = useGocker();
  const busybox = image('busybox:1');
  const store = (...parts: string[]) => join(gocker.root, ...parts);
  const snapshots = () => readdirSync(store('storage/overlayfs/names'));
  beforeAll(async () => {
    if (!EVERY_STEP) console.log('a few steps only: set GOCKER_TEST_SWEEP=all for every one');
    await done('pull', '-q', busybox);
  });

  async function done(...args: string[]): Promise<string> {
    const result = await gocker(args);
    expect(result, `gocker ${args.join(' ')}`).toMatchObject({ code: 0 });
    return result.stdout.trim();
  }
  beforeEach(async () => {
    await done(
      'run',
      '--network',
      'none',
      '--name',
      'cc',
      busybox,
      'sh',
      '-c',
      'cat /file 2>/dev/null || echo kept > /file',
    );
  });

  /** The container has its file, each image that there is too, and nothing is left when all have been removed. */
  async function expectOrder(what: string): Promise<void> {
    expect({ what, state: await done('ps', '-a', '-f', 'name=^cc$', '--format', '{{.State}}') }).toEqual({
      what,
      state: expect.stringMatching(/^(exited|running)$/),
    });
    expect({ what, diff: await done('diff', 'cc') }).toEqual({
      what,
      diff: expect.stringContaining('A /file'),
    });
    for (const id of (await done('images', '-q', '--no-trunc')).split('\n')) {
      if (id !== base)
        expect({ what, said: await done('run', '--rm', '--network', 'none', id, 'cat', '/file') }).toEqual({
          what,
          said: 'kept',
        });
    }
    expect({ what, id: await done('commit', 'cc', 'again') }).toEqual({
      what,
      id: expect.stringMatching(/^sha256:/),
    });
    expect(await done('run', '--rm', '--network', 'none', 'again', 'cat', '/file')).toBe('kept');
    await done('rm', '-f', ...(await done('ps', '-aq')).split('\n'));
    const images = (await done('images', '-q', '--no-trunc')).split('\n').filter((id) => id !== base);
    await done('rmi', '-f', ...new Set(images));
    await done('images');
    expect({ what, left: snapshots() }).toEqual({ what, left: [expect.stringMatching(/^sha256:/)] });
    const ingest = readdirSync(store('ingest')).filter((name) => /pin$|tmp$|pull$/.test(name));
    expect({ what, ingest }).toEqual({ what, ingest: [] });
  }

  let base = '';
  beforeAll(async () => {
    base = await done('image', 'inspect', '-f', '{{.Id}}', busybox);
  });

  test.each<[what: string, args: string[]]>([
    ['commit', ['commit', 'cc', 'killed:1']],
    ['fork', ['fork', '--times', '2', 'cc']],
    ['save', ['save', '-o', '/dev/null', 'killed:2']],
  ])(
    '%s of a stopped one',
    async (what, args) => {
      for (const [calls, few] of CALLS) {
        for (const nth of stepsToKill(few)) {
          if ((await done('ps', '-aq')) === '')
            await done('run', '--network', 'none', '--name', 'cc', busybox, 'sh', '-c', 'echo kept > /file');
          if (what === 'save') await done('commit', 'cc', 'killed:2');
          const wasKilled = await killedAt(gocker, { calls, nth, args });
          await expectOrder(`${what} ${calls} ${nth}`);
          if (!wasKilled) break;
        }
      }
    },
    EVERY_STEP ? 3_600_000 : 600_000,
  );

  test('what leads to a layer is on disk after the name of the layer', async () => {
    const trace = join(gocker.env.HOME!, 'trace');
    const calls = ['-e', 'trace=rename,renameat,renameat2,fsync'];
    const command = [process.execPath, GOCKER, 'save', '-o', '/dev/null', 'ordered'];
    await done('commit', 'cc', 'ordered');
    execFileSync('strace', ['-f', '-y', '-o', trace, ...calls, ...command], { env: gocker.env });
    const lines = readFileSync(trace, 'utf8').split('\n');
    const named = lines.findIndex((line) => /rename.*\.snapshot"/.test(line));
    const after = lines.slice(named + 1).filter((line) => /rename.*\(|fsync\(/.test(line));
    expect(lines[named]).toMatch(/deferred/);
    expect(after[0]).toMatch(/fsync\(\d+<.*\/deferred>/);
    expect(after.some((line) => /rename.*blobs\/sha256/.test(line))).toBe(true);
    await done('rmi', 'ordered');
    await done('rm', 'cc');
  });

  test('a container that a killed commit had paused goes on', { timeout: 240_000 }, async () => {
    await done('rm', 'cc');
    await done(
      'run',
      '-d',
      '--network',
      'none',
      '--name',
      'cc',
      busybox,
      'sh',
      '-c',
      'echo kept > /file; sleep 1000',
    );
    await expect.poll(() => done('diff', 'cc')).toContain('/file');
    for (const nth of stepsToKill([1, 3])) {
      const wasKilled = await killedAt(gocker, {
        calls: 'mkdirat,linkat,ioctl,utimensat',
        nth,
        args: ['commit', 'cc'],
      });
      expect(await done('ps', '--format', '{{.Names}} {{.State}}')).toBe('cc running');
      if (!wasKilled) break;
    }
    await expectOrder('paused');
  });

  test('a disk that is full keeps an image from being packed, and no longer than it is full', async () => {
    await done('rm', 'cc');
    const disk = join(gocker.env.HOME!, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', disk]);
    try {
      const inDisk = (...args: string[]) => gocker(args, { env: { GOCKER_ROOT: disk } });
      expect((await inDisk('pull', '-q', busybox)).code).toBe(0);
      const script = 'head -c 15000000 /dev/urandom > /big; head -c 10000000 /dev/urandom > /more';
      expect(
        (await inDisk('run', '--network', 'none', '--name', 'cc', busybox, 'sh', '-c', script)).code,
      ).toBe(0);
      const id = (await inDisk('commit', 'cc', 'full')).stdout.trim();
      const failed = await inDisk('save', '-o', '/dev/null', 'full');
      expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('no space left') });
      expect(failed.stderr).not.toMatch(/unexpected|at .*\.ts/);
      expect(readdirSync(join(disk, 'ingest')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
      expect((await inDisk('images', '-q', '--no-trunc', 'full')).stdout.trim()).toBe(id);
      expect((await inDisk('run', '--rm', '--network', 'none', 'full', 'ls', '/big')).code).toBe(0);
      execFileSync('mount', ['-o', 'remount,size=80m', disk]);
      expect(await inDisk('save', '-o', '/dev/null', 'full')).toMatchObject({ code: 0 });
      expect((await inDisk('images', '-q', '--no-trunc', 'full')).stdout.trim()).not.toBe(id);
    } finally {
      execFileSync('umount', ['-l', disk]);
      rmdirSync(disk);
    }
  });
});
