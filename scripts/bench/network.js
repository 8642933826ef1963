// `node scripts/bench/network.js [ROUNDS [SECONDS]]`, as root: what the bridge costs. First iperf3 between container and host and
// between containers, gocker against a bridge and veth pairs made by hand; then `run --rm` of a static `true` on the default
// bridge, against gocker's own `--network none` and against docker and podman. All of it in a network and mount namespace of its
// own. Exit code 1 when a figure is beyond its limit; what is not installed is left out, and said.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDocker } from './docker.js';
import { installed } from './installed.js';
import { measure, printRatio } from './measure.js';
import { compareRates } from './network/throughput.js';
import { podmanIn, ULIMITS } from './podman.js';
import { output, pullAll } from './quickstart.js';

const MORE_THAN_NONE_MS = 15;
const OF_OTHERS = 0.45;

const root = fileURLToPath(new URL('../..', import.meta.url));
const [rounds = '15', seconds = '2'] = process.argv.slice(2);
const gocker = [process.execPath, join(root, 'bin/run.js')];

/** The same again where no link, rule or mount of the host's can be met. */
function enterOwnNamespaces() {
  const flags = ['--net', '--mount', '--propagation', 'private'];
  const { status } = spawnSync('unshare', [...flags, process.execPath, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, GOCKER_BENCH_NAMESPACES: 'own' },
  });
  process.exitCode = status ?? 1;
}

/** Those that are installed, each with a default bridge of its own. */
async function startOthers(directory) {
  const others = {};
  for (const name of ['docker', 'podman']) {
    if (!installed(name === 'docker' ? 'dockerd' : name)) console.log(`${name} is not installed: left out`);
    else if (name === 'docker') others.docker = await startDocker(directory, []);
    else others.podman = podmanIn(directory);
  }
  return others;
}

function compareRuns(engines, images) {
  const run = (...args) => ['run', '--rm', ...args, 'true'];
  const commands = {
    'gocker none': [...gocker, ...run('--network', 'none', images.gocker)],
    'gocker bridge': [...gocker, ...run(images.gocker)],
    ...(engines.docker && { 'docker bridge': [...engines.docker.command, ...run(images.docker)] }),
    ...(engines.podman && {
      'podman bridge': [...engines.podman.command, ...run('--network', 'podman', ...ULIMITS, images.podman)],
    }),
  };
  const times = measure(commands, Number(rounds));
  const own = times['gocker bridge'];
  const more = own - times['gocker none'];
  console.log(`gocker run on the bridge takes ${more.toFixed(0)} ms more than on none`);
  if (more > MORE_THAN_NONE_MS) process.exitCode = 1;
  for (const [name, time] of Object.entries(times)) {
    if (name !== 'gocker bridge') printRatio(['gocker bridge', own], [name, time]);
    if (!name.startsWith('gocker') && own / time > OF_OTHERS) process.exitCode = 1;
  }
}

async function main() {
  output(['ip', 'link', 'set', 'lo', 'up']);
  output(['mount', '-t', 'tmpfs', 'tmpfs', '/run']);
  // podman makes an image's name of its path, so that the path must be lower case.
  const directory = join(tmpdir(), `gocker-bench-${process.pid}`);
  mkdirSync(directory, { mode: 0o700 });
  process.env.GOCKER_ROOT = join(directory, 'root');
  process.env.GOCKER_RUN = join(directory, 'run');
  const others = await startOthers(directory);
  try {
    const commands = { docker: others.docker?.command, podman: others.podman?.command };
    const images = await pullAll(directory, { gocker, ...commands });
    if (!installed('iperf3')) console.log('iperf3 is not installed: throughput is left out');
    else if (!(await compareRates(gocker, Number(seconds)))) process.exitCode = 1;
    compareRuns(others, images);
  } finally {
    await others.docker?.stop();
    others.podman?.clean();
    rmSync(directory, { recursive: true, force: true });
  }
}

if (process.env.GOCKER_BENCH_NAMESPACES) await main();
else enterOwnNamespaces();
