// `npm run check`: everything that needs no root, cheapest first; stops at the first step that fails.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name) => join(root, 'node_modules/.bin', name);

const STEPS = [
  ['format and lint', bin('biome'), ['check', '--error-on-warnings', '.'], 'npm run format'],
  ['types', bin('tsc'), ['--noEmit', '-p', '.']],
  ['build', 'node', ['scripts/build.js']],
  ['manifest is fresh', 'node', ['scripts/manifest.js', '--check'], 'npm run manifest'],
  ['command reference is fresh', 'node', ['scripts/docs.js', '--check'], 'npm run docs'],
  ['unit tests', bin('vitest'), ['run', '--project', 'unit', ...process.argv.slice(2)]],
];

/** Runs one step and prints its time; what it printed is shown when it fails. */
function run([name, command, args, remedy]) {
  const begin = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (status === 0) return true;
  console.error(`\n${stdout}${stderr}${error?.message ?? ''}`);
  console.error(`check failed at "${name}"${remedy ? `; \`${remedy}\` may mend it` : ''}`);
  return false;
}

process.exitCode = STEPS.every(run) ? 0 : 1;
