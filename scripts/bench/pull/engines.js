// The three that pull, each with everything of its own below one directory.
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDocker } from '../docker.js';
import { installed } from '../installed.js';
import { podmanIn } from '../podman.js';

/**
 * @typedef {{command: string[], env?: Record<string, string>, pid?: number, empty(): void,
 *   stop(): Promise<void> | void}} Engine command: pulls; pid: of the daemon that does the work, if one does;
 *   empty: leaves nothing of the image
 */

const remove = (path) => rmSync(path, { recursive: true, force: true });

/** @returns {Engine} */
function gocker(directory, image) {
  const root = join(directory, 'gocker');
  const program = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));
  sayLibrary(program, root);
  return {
    command: [process.execPath, program, 'pull', '--quiet', image],
    env: { GOCKER_ROOT: root },
    empty: () => remove(root),
    stop() {},
  };
}

/** What unpacks gzip is half of the work. */
function sayLibrary(program, root) {
  const options = { env: { ...process.env, GOCKER_ROOT: root }, encoding: 'utf8' };
  const library = execFileSync(process.execPath, [program, 'info', '-f', '{{.Gzip}}'], options).trim();
  console.log(`gocker unpacks gzip with ${library}`);
  if (library === 'zlib') console.log('with ISA-L it is faster: apt-get install libisal2');
}

/** @returns {Engine} */
function podman(directory, image) {
  const { command, clean } = podmanIn(directory);
  return {
    command: [...command, 'pull', '--quiet', '--tls-verify=false', image],
    empty: () => void spawnSync(command[0], [...command.slice(1), 'rmi', '--all', '--force']),
    stop: clean,
  };
}

/** @returns {Promise<Engine>} */
async function docker(directory, image) {
  const { command, pid, stop } = await startDocker(directory, [
    '--iptables=false',
    '--ip6tables=false',
    '--bridge=none',
  ]);
  const [program, ...options] = command;
  const empty = () => void spawnSync(program, [...options, 'rmi', '--force', image]);
  return { command: [...command, 'pull', '--quiet', image], pid, empty, stop };
}

const START = { gocker, docker, podman };

/**
 * Those that are wanted and installed.
 * @param {string[]} names
 * @returns {Promise<Record<string, Engine>>}
 */
export async function startEngines(names, { directory, image }) {
  const engines = {};
  for (const name of names) {
    if (name !== 'gocker' && !installed(name)) console.log(`${name} is not installed: left out`);
    else engines[name] = await START[name](directory, image);
  }
  return engines;
}
