// One small image, busybox, in every engine: gocker pulls it, the others read the layout behind the registry.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../quickstart-registry.js', import.meta.url));

/** What a program prints. @param {string[]} command */
export function output([program, ...args], ...more) {
  return execFileSync(program, [...args, ...more], { encoding: 'utf8', stdio: 'pipe' });
}

/**
 * Puts `alpine` into each of the engines, given as what to put before their arguments; names of images by engine. What is
 * made of it goes into the directory.
 * @param {string} directory
 * @param {{gocker: string[], podman?: string[], docker?: string[]}} engines
 */
export async function pullAll(directory, { gocker, podman, docker }) {
  const server = spawn(process.execPath, [script, '/bin/busybox', directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const layout = `oci:${join(directory, 'layout')}:alpine`;
  try {
    const [address] = await once(server.stdout, 'data');
    process.env.GOCKER_MIRRORS = `docker.io=${String(address).trim()}`;
    output(gocker, 'pull', '-q', 'alpine');
    if (podman) output(podman, 'pull', '-q', layout);
    if (docker) loadDocker(docker, layout, join(directory, 'alpine.tar'));
  } finally {
    server.kill();
  }
  return {
    gocker: 'alpine',
    docker: 'alpine',
    ...(podman && { podman: output(podman, 'images', '-q').trim() }),
  };
}

function loadDocker(docker, layout, archive) {
  output(['skopeo', '--insecure-policy', 'copy', '-q', layout, `docker-archive:${archive}:alpine:latest`]);
  output(docker, 'load', '-q', '-i', archive);
}
