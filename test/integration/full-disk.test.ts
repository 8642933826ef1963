/** A root on a file system that is full at one point or another: a clear error, a sound store, and success when there is room. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MNT, MS } from '../../native/constants.ts';
import { createSyscalls } from '../../native/index.ts';
import { image, integration, useGocker } from './helpers.ts';

const ROOMY = 'size=200m,nr_inodes=50000';

integration('a disk with room for', () => {
  const gocker = useGocker();
  const busybox = image('busybox:1');
  const syscalls = createSyscalls();
  const disk = () => join(gocker.env.HOME!, 'disk');
  const archive = () => join(gocker.env.HOME!, 'saved.tar');

  beforeEach(() => mkdirSync(disk()));
  afterEach(() => {
    syscalls.umount2(disk(), MNT.DETACH);
    rmSync(disk(), { recursive: true });
  });

  const inDisk = (...args: string[]) => gocker(args, { env: { GOCKER_ROOT: join(disk(), 'root') } });
  const none = ['--network', 'none'];

  /** What uses space, one after the other; each may fail, and says why then. */
  const STEPS = (): string[][] => [
    ['pull', '-q', busybox],
    ['run', ...none, '--name', 'fills', busybox, 'sh', '-c', 'head -c 900000 /dev/zero > /f || true'],
    ['commit', 'fills', 'made'],
    ['load', '-q', '-i', archive()],
    ['image', 'verify', '-q'],
  ];

  test.each([
    ['size=600k'],
    ['size=2m'],
    ['size=3m'],
    ['size=4m'],
    ['size=5m'],
    ['size=60m,nr_inodes=60'],
    ['size=60m,nr_inodes=400'],
    ['size=60m,nr_inodes=500'],
  ])(
    '%s',
    async (options) => {
      syscalls.mount('tmpfs', disk(), 'tmpfs', 0, ROOMY);
      expect(await inDisk('pull', '-q', busybox)).toMatchObject({ code: 0 });
      expect(await inDisk('save', '-o', archive(), busybox)).toMatchObject({ code: 0 });
      syscalls.umount2(disk(), MNT.DETACH);
      syscalls.mount('tmpfs', disk(), 'tmpfs', 0, options);
      for (const step of STEPS()) {
        const { code, stderr } = await inDisk(...step);
        expect({ step, code, stderr }).toMatchObject({
          stderr: expect.not.stringContaining('this is a bug'),
        });
        if (code !== 0)
          expect({ step, stderr }).toMatchObject({
            stderr: expect.stringMatching(/no space|need at least|No such/i),
          });
      }
      syscalls.mount('tmpfs', disk(), 'tmpfs', MS.REMOUNT, ROOMY);
      await inDisk('rm', '-f', 'fills');
      for (const step of STEPS())
        expect({ step, ...(await inDisk(...step)) }).toMatchObject({ step, code: 0 });
      await inDisk('rm', '-f', 'fills');
      expect(await inDisk('system', 'prune', '-af')).toMatchObject({ code: 0 });
      for (const folder of ['blobs/sha256', 'containers', 'ingest'])
        expect({ folder, left: readdirSync(join(disk(), 'root', folder)) }).toEqual({ folder, left: [] });
      rmSync(archive(), { force: true });
    },
    120_000,
  );
});
