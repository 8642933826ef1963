import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { GOCKER, image, integration, useGocker } from './helpers.ts';

/** Every step in these is killed; without the variable a few of them, so that one run of all tests stays short. */
const EVERY = process.env.GOCKER_TEST_SWEEP === 'all';
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
const FEW = [1, 3];
const MOST = 400;

integration('gocker killed at each step', () => {
  const gocker = useGocker();
  const busybox = image('busybox:1');

  beforeAll(async () => {
    if (!EVERY) console.log('a few steps only: set GOCKER_TEST_SWEEP=all for every one');
    await gocker(['pull', '-q', busybox]);
  });
  afterEach(async () => {
    const ids = (await gocker(['ps', '-aq'])).stdout.split('\n').filter(Boolean);
    if (ids.length > 0) await gocker(['rm', '-f', ...ids]);
  });

  /** Runs gocker with each thread of it and its children killed at its `nth` call of these; false when none had so many. */
  async function killedAt(calls: string, nth: number, args: string[]): Promise<boolean> {
    const trace = join(gocker.root, '../trace');
    const flags = [
      '-f',
      '-qq',
      '-o',
      trace,
      '-e',
      `trace=${calls}`,
      '-e',
      `inject=${calls}:signal=SIGKILL:when=${nth}`,
    ];
    const child = spawn('strace', [...flags, process.execPath, GOCKER, ...args], {
      env: gocker.env,
      stdio: 'ignore',
    });
    let hangs = false;
    const timer = setTimeout(() => {
      hangs = true;
      child.kill('SIGKILL');
    }, 60_000);
    await new Promise((resolve) => child.once('close', resolve));
    clearTimeout(timer);
    expect({ calls, nth, hangs }).toEqual({ calls, nth, hangs: false });
    return readFileSync(trace, 'utf8').includes('killed by SIGKILL');
  }

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

  const steps = EVERY ? Array.from({ length: MOST }, (_, index) => index + 1) : FEW;

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
          const wasKilled = await killedAt(calls, nth, args);
          await expectOrder(`${verb} ${calls} ${nth}`);
          if (!wasKilled) break;
        }
      }
    },
    EVERY ? 3_600_000 : 240_000,
  );
});
