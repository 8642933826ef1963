/** What a command reads of gocker before it does anything: each file costs every start. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { GOCKER, image, integration, useGocker } from './helpers.ts';

const gocker = useGocker();
const dist = join(import.meta.dirname, '../../dist/');

/** Names below dist/ of the files that a command opens, compiled forms left out, in order. */
function opened(args: string[]): string[] {
  const trace = `${gocker.root}.trace`;
  execFileSync('strace', ['-f', '-e', 'trace=openat', '-o', trace, process.execPath, GOCKER, ...args], {
    env: gocker.env,
    stdio: 'ignore',
  });
  const paths = readFileSync(trace, 'utf8').matchAll(/"([^"]+)", O_RDONLY[^)]*\) = \d/g);
  const names = [...paths].map(([, path = '']) => path).filter((path) => path.startsWith(dist));
  return [...new Set(names.map((path) => path.slice(dist.length)))].filter(
    (name) => !name.startsWith('cache/'),
  );
}

integration('a command loads', () => {
  test('one file to say its version', () => {
    expect(opened(['--version'])).toEqual(['cli.cjs']);
  });

  test('two files to list containers', () => {
    expect(opened(['ps'])).toEqual(['cli.cjs', 'commands.pack']);
  });

  test('two files, init and drivers to run a container', async () => {
    expect((await gocker(['pull', '-q', image('busybox:1')])).code).toBe(0);
    expect(opened(['run', '--rm', '--network', 'none', image('busybox:1'), 'true']).sort()).toEqual([
      'cli.cjs',
      'commands.pack',
      'drivers/network/none.cjs',
      'drivers/storage/overlayfs.cjs',
      'init.cjs',
    ]);
  });
});
