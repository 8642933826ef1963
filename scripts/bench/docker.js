// dockerd with everything below a directory of ours.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A daemon that disturbs nobody else's; it takes loopback's registries without TLS. `command` is what to put before docker's
 * arguments.
 * @param {string} directory
 * @param {string[]} flags more of dockerd's
 */
export async function startDocker(directory, flags) {
  const at = (name) => join(directory, `docker${name}`);
  const [socket, log] = [at('.sock'), openSync(at('.log'), 'w')];
  const places = ['--data-root', at(''), '--exec-root', at('-run'), '--pidfile', at('.pid')];
  const options = [...places, '--storage-driver=overlay2', ...flags, '--host', `unix://${socket}`];
  const daemon = spawn('dockerd', options, { stdio: ['ignore', log, log] });
  const ended = once(daemon, 'exit');
  const command = ['docker', '--config', at('-config'), '--host', `unix://${socket}`];
  const stop = async () => {
    daemon.kill();
    await ended;
  };
  for (let attempt = 0; !answers(command); attempt++) {
    if (attempt === 100) {
      await stop();
      throw new Error(
        `dockerd does not answer:\n${execFileSync('tail', [at('.log')], { encoding: 'utf8' })}`,
      );
    }
    await sleep(100);
  }
  return { command, pid: daemon.pid, stop };
}

function answers([program, ...options]) {
  return spawnSync(program, [...options, 'version'], { stdio: 'ignore' }).status === 0;
}
