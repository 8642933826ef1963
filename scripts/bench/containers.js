// `node scripts/bench/containers.js [COUNT] [SEQUENTIAL]`, as root: COUNT containers (200) in the background, half of them
// started at once, with the memory of their monitors, `ps` and `rm -f` of all; then SEQUENTIAL times (1000) `run --rm`,
// and what is left of it.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { added, leakSnapshot } from '../leaks.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const count = Number(process.argv[2] ?? 200);
const sequential = Number(process.argv[3] ?? 1000);
const directory = join(tmpdir(), `gocker-containers-${process.pid}`);
mkdirSync(directory, { mode: 0o700 });
const { NODE_EXTRA_CA_CERTS: _slow, ...inherited } = process.env;
const env = { ...inherited, GOCKER_ROOT: join(directory, 'root'), GOCKER_RUN: join(directory, 'run') };

const command = (...args) => [
  process.execPath,
  [join(root, 'bin/run.js'), ...args],
  { env, encoding: 'utf8' },
];
const gocker = async (...args) => (await promisify(execFile)(...command(...args))).stdout;
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

async function pull() {
  const script = join(root, 'scripts/quickstart-registry.js');
  const server = spawn(process.execPath, [script, '/bin/busybox', directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [address] = await once(server.stdout, 'data');
    env.GOCKER_MIRRORS = `docker.io=${String(address).trim()}`;
    await gocker('pull', '-q', 'alpine');
  } finally {
    server.kill();
  }
}

/** KiB that no other process shares (proc_pid_smaps_rollup). */
function privateMemory(pid) {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return [...rollup.matchAll(/^Private_\w+: +(\d+) kB$/gm)].reduce((sum, [, kib]) => sum + Number(kib), 0);
}

function monitors(ids) {
  return ids.map((id) => {
    const state = readFileSync(join(env.GOCKER_ROOT, 'containers', id, 'state.json'), 'utf8');
    return JSON.parse(state).supervisor.pid;
  });
}

async function background() {
  let begin = performance.now();
  const start = () => gocker('run', '-d', 'alpine', 'sleep', '3600');
  await Promise.all(Array.from({ length: count / 2 }, start));
  console.log(`${count / 2} run -d at once: ${seconds(begin)}`);
  for (let done = count / 2; done < count; done += 10) await Promise.all(Array.from({ length: 10 }, start));
  // The monitors give back what they needed for the start.
  await sleep(15_000);
  const ids = (await gocker('ps', '-q', '--no-trunc')).trim().split('\n');
  const memory = monitors(ids).map(privateMemory);
  console.log(`${ids.length} monitors: ${Math.max(...memory)} KiB of private memory at most`);
  begin = performance.now();
  await gocker('ps');
  console.log(`ps: ${seconds(begin)}`);
  begin = performance.now();
  await gocker('rm', '-f', ...ids);
  console.log(`rm -f of all: ${seconds(begin)}`);
}

/** What may grow with each container without being anywhere in a snapshot. */
function figures() {
  const free = /MemAvailable: +(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
  return {
    'files of gocker': readdirSync(directory, { recursive: true }).length,
    'open files of the machine': Number(readFileSync('/proc/sys/fs/file-nr', 'utf8').split('\t')[0]),
    'MiB of memory free': Math.round(Number(free) / 1024),
  };
}

async function oneAfterTheOther() {
  await gocker('run', '--rm', 'alpine', 'true');
  const [before, first] = [leakSnapshot(), figures()];
  const begin = performance.now();
  for (let done = 0; done < sequential; done++) execFileSync(...command('run', '--rm', 'alpine', 'true'));
  const left = added(before, leakSnapshot());
  console.log(`${sequential} run --rm: ${seconds(begin)}, ${left.length} things left ${left.join(', ')}`);
  const last = figures();
  for (const [name, value] of Object.entries(first))
    console.log(`${name}: ${value} before, ${last[name]} after`);
  process.exitCode = left.length > 0 ? 1 : 0;
}

try {
  await pull();
  await background();
  await oneAfterTheOther();
} finally {
  const ids = (await gocker('ps', '-aq')).split('\n').filter(Boolean);
  if (ids.length > 0) await gocker('rm', '-f', ...ids);
  await gocker('network', 'prune', '-f').catch(() => undefined);
  rmSync(directory, { recursive: true, force: true });
}
