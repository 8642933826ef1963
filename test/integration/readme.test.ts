import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GOCKER, integration, useGocker } from './helpers.ts';

const root = join(import.meta.dirname, '../..');
const execute = promisify(execFile);

/** The blocks of a page that say they are shell, each a script; those that only show something are `console`. */
function shellBlocks(file: string): [name: string, script: string][] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = [...text.matchAll(/^```sh\n(.*?)^```$/gms)];
  return found.map(([, script = ''], index) => [`${file} ${index + 1}: ${script.split('\n')[0]}`, script]);
}

const pages = readdirSync(join(root, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);

integration('what the pages tell one to type', () => {
  const gocker = useGocker();
  const registry = spawn(
    'node',
    ['scripts/quickstart-registry.js', '/bin/busybox', join(gocker.env.HOME!, 'alpine')],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let address = '';

  beforeAll(async () => {
    const [line] = await once(registry.stdout, 'data');
    address = String(line).trim();
  });

  afterAll(async () => {
    registry.kill();
    await once(registry, 'exit');
  });

  test.each(['README.md', ...pages].flatMap(shellBlocks))('%s', async (_, script) => {
    const prelude = `set -euo pipefail\ngocker() { '${process.execPath}' '${GOCKER}' "$@"; }\n`;
    const env = { ...gocker.env, GOCKER_MIRRORS: `docker.io=${address}` };
    const { stderr } = await execute('bash', ['-c', prelude + script], {
      env,
      cwd: gocker.env.HOME,
      timeout: 60_000,
    });
    expect(stderr).not.toMatch(/this is a bug/);
  });
});
