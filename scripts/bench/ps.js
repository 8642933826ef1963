// `node scripts/bench/ps.js [COUNT [ROUNDS]]`, as root: what `ps -a` costs with COUNT containers (500) compared with none.
// Exit code 1 when that is more than twice as much. The containers are records of ones that have ended, in a directory of
// their own below the temporary one, which goes at the end.
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measure, printRatio } from './measure.js';

const ALLOWED = 2;
const gocker = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const [count = 500, rounds = 15] = process.argv.slice(2).map(Number);
const directory = mkdtempSync(join(tmpdir(), 'gocker-bench-'));

/** As `gocker run` leaves it, with an environment and labels of the usual size. */
function record(id, index) {
  const created = new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString();
  const labels = Object.fromEntries(
    Array.from({ length: 8 }, (_, at) => [`org.example.label${at}`, `value ${at}`]),
  );
  const env = Array.from({ length: 12 }, (_, at) => `VARIABLE_${at}=a value of some length ${at}`);
  const process = {
    args: ['sh', '-c', 'true'],
    env,
    cwd: '/',
    user: '',
    groups: [],
    terminal: false,
    stdin: false,
  };
  const config = {
    version: 1,
    id,
    name: `container_${index}`,
    created,
    image: { reference: 'alpine', id: `sha256:${'a'.repeat(64)}`, platform: 'linux/amd64', labels },
    storageDriver: 'overlayfs',
    network: 'none',
    hostname: id.slice(0, 12),
    binds: [],
    limits: { memory: 67108864 },
    process: { ...process, capabilities: ['CAP_CHOWN', 'CAP_KILL', 'CAP_SETUID', 'CAP_SETGID'] },
    settings: {},
    labels,
    entrypointLength: 0,
    autoRemove: false,
  };
  const state = { version: 1, status: 'exited', exitCode: 0, startedAt: created, finishedAt: created };
  return { config, state };
}

function fill(root) {
  for (let index = 0; index < count; index++) {
    const id = randomBytes(32).toString('hex');
    const place = join(root, 'containers', id);
    const { config, state } = record(id, index);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
    writeFileSync(join(place, 'state.json'), `${JSON.stringify(state, null, 2)}\n`);
  }
}

try {
  const [none, many] = ['none', 'many'].map((name) => join(directory, name));
  fill(many);
  const ps = (root) => [process.execPath, gocker, '--root', root, 'ps', '-a'];
  const times = measure({ none: ps(none), many: ps(many) }, rounds);
  printRatio([`ps with ${count} containers`, times.many], ['ps with none', times.none]);
  if (times.many > ALLOWED * times.none) process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
