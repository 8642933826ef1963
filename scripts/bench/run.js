// `node scripts/bench/run.js [ROUNDS]`, as root: `run --rm --network none` of a static `true`, gocker against podman.
// Both run the same busybox from roots of their own, which are removed again.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measure, printRatio } from './measure.js';
import { podmanIn } from './podman.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const rounds = Number(process.argv[2] ?? 15);
// podman makes an image's name of its path, so that the path must be lower case.
const directory = join(tmpdir(), `gocker-bench-${process.pid}`);
mkdirSync(directory, { mode: 0o700 });
const gocker = [process.execPath, join(root, 'bin/run.js')];
process.env.GOCKER_ROOT = join(directory, 'root');

const { command: podman, clean: cleanPodman } = podmanIn(directory);
/** Without CAP_SYS_RESOURCE podman cannot set its default limits; these are below any hard limit. */
const ULIMITS = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];
const output = ([command, ...args], ...more) =>
  execFileSync(command, [...args, ...more], { encoding: 'utf8', stdio: 'pipe' });

/** The image in both, from the quickstart's registry: gocker pulls it, podman reads the layout behind it. */
async function pullBoth() {
  const server = spawn(
    process.execPath,
    [join(root, 'scripts/quickstart-registry.js'), '/bin/busybox', directory],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  try {
    const [address] = await once(server.stdout, 'data');
    process.env.GOCKER_MIRRORS = `docker.io=${String(address).trim()}`;
    output(gocker, 'pull', '-q', 'alpine');
    output(podman, 'pull', '-q', `oci:${join(directory, 'layout')}:alpine`);
  } finally {
    server.kill();
  }
}

try {
  await pullBoth();
  const image = output(podman, 'images', '-q').trim();
  const options = ['run', '--rm', '--network', 'none'];
  const times = measure(
    {
      podman: [...podman, ...options, ...ULIMITS, image, 'true'],
      gocker: [...gocker, ...options, 'alpine', 'true'],
    },
    rounds,
  );
  const [base, own] = Object.entries(times);
  printRatio([`${own[0]} run`, own[1]], [`${base[0]} run`, base[1]]);
} finally {
  cleanPodman();
  rmSync(directory, { recursive: true, force: true });
}
