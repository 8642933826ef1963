import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { image, integration, useGocker } from './helpers.ts';
import { EVERY_STEP, killedAt, stepsToKill } from './killed-at.ts';

/** Every step in these is killed, or a few. */
const CALLS = [
  'rename,renameat2',
  'mkdir,mkdirat',
  'unlink,unlinkat,rmdir',
  'link,linkat,symlink,symlinkat',
  'fsync,fdatasync',
  'flock',
  'clone,clone3,vfork',
  'unshare,setns',
  'execve',
  'mount,move_mount,pivot_root',
  'write,writev,pwrite64',
  'sendto,sendmsg',
];

integration('gocker killed at each step', () => {
  const gocker = useGocker();
  const busybox = image('busybox:1');

  beforeAll(async () => {
    if (!EVERY_STEP) console.log('a few steps only: set GOCKER_TEST_SWEEP=all for every one');
    await gocker(['pull', '-q', busybox]);
  });
  afterEach(async () => {
    const ids = (await gocker(['ps', '-aq'])).stdout.split('\n').filter(Boolean);
    if (ids.length > 0) await gocker(['rm', '-f', ...ids]);
  });

  /** What must hold whenever something was killed: what is listed can be removed, and the name is free then. */
  async function expectOrder(what: string): Promise<void> {
    const { stdout, stderr, code } = await gocker(['ps', '-a', '--format', '{{.Names}}']);
    expect({ what, code, stderr }).toEqual({ what, code: 0, stderr: '' });
    const names = stdout.split('\n').filter(Boolean);
    if (names.length > 0)
      expect({ what, ...(await gocker(['rm', '-f', ...names])) }).toMatchObject({ what, code: 0 });
    const again = await gocker(['run', '--rm', '--name', 'same', busybox, 'true']);
    expect({ what, ...again }).toMatchObject({ what, code: 0, stderr: '' });
    expect({ what, left: readdirSync(join(gocker.root, 'containers')) }).toEqual({ what, left: [] });
  }

  const steps = stepsToKill([1, 3]);

  test.each<[string, string[], boolean]>([
    ['run', ['run', '--name', 'same', busybox, 'true'], false],
    ['run --rm', ['run', '--rm', '--name', 'same', busybox, 'true'], false],
    ['run -d', ['run', '-d', '--name', 'same', busybox, 'true'], false],
    ['stop', ['stop', '-t', '0', 'same'], true],
    ['rm -f', ['rm', '-f', 'same'], true],
  ])(
    '%s',
    async (verb, args, isRunning) => {
      for (const calls of CALLS) {
        for (const nth of steps) {
          if (isRunning) await gocker(['run', '-d', '--name', 'same', busybox, 'sleep', '600']);
          const wasKilled = await killedAt(gocker, { calls, nth, args });
          await expectOrder(`${verb} ${calls} ${nth}`);
          if (!wasKilled) break;
        }
      }
    },
    EVERY_STEP ? 3_600_000 : 240_000,
  );
});
