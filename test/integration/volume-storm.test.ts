import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { image, integration, type Result, useGocker } from './helpers.ts';

const ROUNDS = 6 * Number(process.env.GOCKER_TEST_SLOW ?? 1);

integration('volumes beside each other', () => {
  const gocker = useGocker();
  const BUSYBOX = image('busybox:1');

  beforeAll(async () => {
    await gocker(['pull', '-q', BUSYBOX]);
  });

  /** Does these again and again; what went wrong otherwise than by a refusal. */
  async function repeat(...commands: string[][]): Promise<Result[]> {
    const wrong: Result[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const args of commands) {
        const result = await gocker(args);
        if (result.code !== 0 && !/is in use|no such volume|No such container/.test(result.stderr))
          wrong.push(result);
      }
    }
    return wrong;
  }

  test('runs never lose a volume to rm and prune', async () => {
    const writes = 'echo x >> /s/f && wc -l < /s/f';
    const wrong = await Promise.all([
      repeat(['run', '--rm', '-v', 'shared:/s', '-v', '/anonymous', BUSYBOX, 'sh', '-c', writes]),
      repeat(
        ['create', '--name', 'kept', '-v', 'shared:/s', '-v', '/anonymous', BUSYBOX, 'sh', '-c', writes],
        ['start', '-a', 'kept'],
        ['rm', '-v', 'kept'],
      ),
      repeat(['volume', 'rm', 'shared'], ['volume', 'create', 'other'], ['volume', 'ls']),
      repeat(['volume', 'prune', '-af']),
    ]);
    expect(wrong.flat()).toEqual([]);
    const { stdout } = await gocker(['volume', 'ls', '-q']);
    const names = stdout.split('\n').filter(Boolean);
    expect(names.every((name) => ['shared', 'other'].includes(name))).toBe(true);
    const folder = join(gocker.root, 'volumes');
    expect(readdirSync(folder).sort()).toEqual(names.sort());
    expect(names.every((name) => existsSync(join(folder, name, 'volume.json')))).toBe(true);
  });
});
