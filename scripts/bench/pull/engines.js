// The three that pull, each with everything of its own below one directory.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
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
  return {
    command: [process.execPath, program, 'pull', '--quiet', image],
    env: { GOCKER_ROOT: root },
    empty: () => remove(root),
    stop() {},
  };
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

/** A daemon that touches neither the network nor anybody else's daemon. It takes loopback's registries without TLS. */
async function docker(directory, image) {
  const at = (name) => join(directory, `docker${name}`);
  const [socket, log] = [at('.sock'), openSync(at('.log'), 'w')];
  const places = ['--data-root', at(''), '--exec-root', at('-run'), '--pidfile', at('.pid')];
  const nothing = ['--iptables=false', '--ip6tables=false', '--bridge=none', '--storage-driver=overlay2'];
  const daemon = spawn('dockerd', [...places, ...nothing, '--host', `unix://${socket}`], {
    stdio: ['ignore', log, log],
  });
  const ended = once(daemon, 'exit');
  const client = ['docker', '--config', at('-config'), '--host', `unix://${socket}`];
  const stop = async () => {
    daemon.kill();
    await ended;
  };
  for (let attempt = 0; !answers(client); attempt++) {
    if (attempt === 100) {
      await stop();
      throw new Error(
        `dockerd does not answer:\n${execFileSync('tail', [at('.log')], { encoding: 'utf8' })}`,
      );
    }
    await sleep(100);
  }
  const [program, ...options] = client;
  const empty = () => void spawnSync(program, [...options, 'rmi', '--force', image]);
  return { command: [...client, 'pull', '--quiet', image], pid: daemon.pid, empty, stop };
}

function answers([program, ...options]) {
  return spawnSync(program, [...options, 'version'], { stdio: 'ignore' }).status === 0;
}

const START = { gocker, docker, podman };
const installed = (program) =>
  (process.env.PATH ?? '').split(':').some((place) => existsSync(join(place, program)));

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
