/** Other engines, where the machine has them: what gocker writes they read, and the other way round. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** True when the program is in PATH. */
export function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some((place) => existsSync(join(place, program)));
}

/** An engine with images of its own. */
export interface OtherEngine {
  run(...args: string[]): string;
  stop(): Promise<void>;
}

/** Their sockets and run directories may not have long names. */
function makeDirectory(): string {
  return mkdtempSync('/run/gocker-test-');
}

/** dockerd without a network, in a directory of its own. */
export async function startDocker(): Promise<OtherEngine> {
  const directory = makeDirectory();
  const socket = `unix://${join(directory, 'docker.sock')}`;
  const places = ['--data-root', join(directory, 'data'), '--exec-root', join(directory, 'exec')];
  const apart = ['--iptables=false', '--ip6tables=false', '--bridge=none', '--storage-driver=vfs'];
  const daemon = spawn('dockerd', [...places, ...apart, '-H', socket, '-p', join(directory, 'pid')], {
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => daemon.once('exit', resolve));
  const run = (...args: string[]) =>
    execFileSync('docker', ['-H', socket, ...args], { encoding: 'utf8', stdio: 'pipe' });
  const stop = async () => {
    daemon.kill();
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await until(() => run('info'), daemon);
  } catch (error) {
    await stop();
    throw error;
  }
  return { run, stop };
}

/** Of all podmans of the machine. */
const PODMAN_LOCKS = '/dev/shm/libpod_lock';

/** podman with the driver that needs nothing. */
export function openPodman(): OtherEngine {
  const directory = makeDirectory();
  const isOwnLock = !existsSync(PODMAN_LOCKS);
  const places = ['--root', join(directory, 'root'), '--runroot', join(directory, 'run')];
  const run = (...args: string[]) =>
    execFileSync('podman', [...places, '--storage-driver', 'vfs', ...args], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
  const stop = async () => {
    rmSync(directory, { recursive: true, force: true });
    if (isOwnLock) rmSync(PODMAN_LOCKS, { force: true });
  };
  return { run, stop };
}

async function until(works: () => unknown, daemon: { exitCode: number | null }): Promise<void> {
  for (;;) {
    try {
      works();
      return;
    } catch (error) {
      if (daemon.exitCode !== null) throw error;
      await sleep(300);
    }
  }
}
