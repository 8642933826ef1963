import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildImage } from '../fixtures/image.ts';
import { startRegistry, type TestRegistry } from '../fixtures/registry.ts';
import type { Entry } from '../fixtures/tar.ts';
import { integration, useGocker } from './helpers.ts';
import { EVERY_STEP, killedAt, stepsToKill } from './killed-at.ts';

/** Every step in these is killed, or a few. */
const CALLS = ['rename,renameat2', 'mkdir,mkdirat', 'openat', 'unlink,unlinkat,rmdir', 'flock'];

integration('volumes when gocker is killed at each step', () => {
  const gocker = useGocker();
  let registry: TestRegistry;
  let FILLED: string;

  beforeAll(async () => {
    if (!EVERY_STEP) console.log('a few steps only: set GOCKER_TEST_SWEEP=all for every one');
    registry = await startRegistry();
    const entries: Entry[] = [{ name: 'bin/busybox', mode: 0o755, body: readFileSync('/bin/busybox') }];
    for (const name of ['a', 'b', 'c/d']) entries.push({ name: `data/${name}`, body: name });
    const config = { Volumes: { '/data': {} }, Cmd: ['/bin/busybox', 'true'] };
    registry.addImage('filled', '1', buildImage({ layers: [{ entries }], run: config }));
    FILLED = `${registry.host}/filled:1`;
    await gocker(['pull', '-q', FILLED]);
  });
  afterAll(() => registry.close());

  const below = (path: string) =>
    existsSync(path) ? readdirSync(path, { recursive: true, encoding: 'utf8' }).sort() : [];

  /** A container that is listed has its volumes; what nobody lists is gone, and a volume is never half made. */
  async function expectOrder(what: string): Promise<void> {
    const { stdout, code, stderr } = await gocker(['ps', '-aq']);
    expect({ what, code, stderr }).toEqual({ what, code: 0, stderr: '' });
    const ids = stdout.split('\n').filter(Boolean);
    if (ids.length > 0)
      expect({ what, ...(await gocker(['rm', '-fv', ...ids])) }).toMatchObject({ what, code: 0 });
    const listed = await gocker(['volume', 'ls', '-q']);
    expect({ what, ...listed }).toMatchObject({ what, code: 0, stderr: '' });
    const names = listed.stdout.split('\n').filter(Boolean);
    expect({ what, anonymous: names.filter((name) => name !== 'named') }).toEqual({ what, anonymous: [] });
    const kept = below(join(gocker.root, 'volumes')).filter((path) => !path.includes('/'));
    expect({ what, kept }).toEqual({ what, kept: names });
    const again = await gocker(['run', '--rm', '-v', 'named:/data', FILLED]);
    expect({ what, ...again }).toMatchObject({ what, code: 0, stderr: '' });
    const whole = ['_data', '_data/a', '_data/b', '_data/c', '_data/c/d', 'lock', 'volume.json'];
    expect({ what, files: below(join(gocker.root, 'volumes/named')) }).toEqual({ what, files: whole });
    expect({ what, ...(await gocker(['volume', 'rm', 'named'])) }).toMatchObject({ what, code: 0 });
    expect({ what, left: below(join(gocker.root, 'volumes')) }).toEqual({ what, left: [] });
  }

  const steps = stepsToKill([2, 5]);

  test.each<[string, string[], string[][]]>([
    ['run', ['run', '-v', 'named:/data', '-v', '/anonymous', 'IMAGE'], []],
    ['run --rm', ['run', '--rm', '-v', '/data', '-v', '/anonymous', 'IMAGE'], []],
    ['rm -v', ['rm', '-v', 'held'], [['create', '--name', 'held', '-v', '/anonymous', 'IMAGE']]],
    ['volume rm', ['volume', 'rm', 'named'], [['run', '--rm', '-v', 'named:/data', 'IMAGE']]],
    ['volume create', ['volume', 'create', 'named'], []],
  ])(
    '%s',
    async (verb, args, before) => {
      const told = (words: string[]) => words.map((word) => (word === 'IMAGE' ? FILLED : word));
      for (const calls of CALLS) {
        for (const nth of steps) {
          for (const words of before) await gocker(told(words));
          const wasKilled = await killedAt(gocker, { calls, nth, args: told(args) });
          await expectOrder(`${verb} ${calls} ${nth}`);
          if (!wasKilled) break;
        }
      }
    },
    EVERY_STEP ? 3_600_000 : 240_000,
  );
});
