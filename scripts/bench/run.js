// `node scripts/bench/run.js [ROUNDS]`, as root: `run --rm --network none` of a static `true`, gocker against podman.
// Both run the same busybox from roots of their own, which are removed again.
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measure, printRatio } from './measure.js';
import { podmanIn, ULIMITS } from './podman.js';
import { pullAll } from './quickstart.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const rounds = Number(process.argv[2] ?? 15);
// podman makes an image's name of its path, so that the path must be lower case.
const directory = join(tmpdir(), `gocker-bench-${process.pid}`);
mkdirSync(directory, { mode: 0o700 });
const gocker = [process.execPath, join(root, 'bin/run.js')];
process.env.GOCKER_ROOT = join(directory, 'root');

const { command: podman, clean: cleanPodman } = podmanIn(directory);

try {
  const images = await pullAll(directory, { gocker, podman });
  const options = ['run', '--rm', '--network', 'none'];
  const times = measure(
    {
      podman: [...podman, ...options, ...ULIMITS, images.podman, 'true'],
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
