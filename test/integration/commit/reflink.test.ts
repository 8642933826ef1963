import { execFileSync } from 'node:child_process';
import { mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { image, integration, useGocker } from '../helpers.ts';

const MIB = 2 ** 20;
const SIZE = 64;
/** What records and directories may take beside the shared file. */
const BESIDE = 4;

/** Where files can share their blocks, also what a running program may write on with is given away without a copy. */
integration('on btrfs', () => {
  const gocker = useGocker();
  const busybox = image('busybox:1');
  const mounted = join(gocker.root, 'disk');
  let why = '';

  beforeAll(() => {
    const file = join(gocker.root, 'disk.img');
    mkdirSync(mounted, { recursive: true });
    execFileSync('truncate', ['--size', '1G', file]);
    execFileSync('mkfs.btrfs', ['-q', file], { stdio: 'pipe' });
    try {
      execFileSync('mount', ['-o', 'loop', file, mounted], { stdio: 'pipe' });
    } catch (error) {
      why = String((error as { stderr: Buffer }).stderr).trim();
      console.log(`reflinks are not tried: ${why}`);
    }
  });
  afterAll(() => {
    if (why === '') execFileSync('umount', [mounted]);
  });

  /** Of the whole disk, in MiB, when everything is written. */
  const used = () => {
    execFileSync('sync', ['--file-system', mounted]);
    const { blocks, bfree, bsize } = statfsSync(mounted);
    return ((blocks - bfree) * bsize) / MIB;
  };

  test.for(['overlayfs', 'vfs'])(
    'commit and fork of a running container share its files with %s',
    async (driver, { skip }) => {
      skip(why !== '', why);
      const env = { GOCKER_ROOT: join(mounted, driver), GOCKER_STORAGE_DRIVER: driver };
      const done = async (...args: string[]) => {
        const result = await gocker(args, { env });
        expect(result, `gocker ${args.join(' ')}`).toMatchObject({ code: 0 });
        return result.stdout.trim();
      };
      const sum = (from: string, ...how: string[]) => done(...how, from, 'md5sum', '/big');
      await done('pull', '-q', busybox);
      await done('run', '-d', '--network', 'none', '--name', 'live', busybox, 'sleep', '600');
      await done('exec', 'live', 'dd', 'if=/dev/urandom', 'of=/big', 'bs=1M', `count=${SIZE}`);
      const before = used();
      await done('commit', 'live', 'made:1');
      const id = await done('fork', 'live');
      expect(used() - before).toBeLessThan(BESIDE);
      const expected = await sum('live', 'exec');
      expect(await sum('made:1', 'run', '--rm', '--network', 'none')).toBe(expected);
      await done('exec', 'live', 'sh', '-c', 'echo more >> /big');
      expect(await sum('made:1', 'run', '--rm', '--network', 'none')).toBe(expected);
      await done('rm', '-f', 'live', id);
      await done('rmi', 'made:1', busybox);
    },
  );
});
