// Debian's docker-registry on loopback, with one image in it.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

async function answers(host) {
  for (let attempt = 0; attempt < 100; attempt++) {
    const response = await fetch(`http://${host}/v2/`).catch(() => undefined);
    if (response?.ok) return true;
    await sleep(100);
  }
  return false;
}

/**
 * @param {string} directory
 * @param {string} source as skopeo names it: `oci:LAYOUT:NAME`
 * @returns {Promise<{image: string, warm(): void, stop(): Promise<void>}>} warm: reads all that it will serve, so that
 *   it comes from memory
 */
export async function startRegistry(directory, source) {
  const host = `127.0.0.1:${await freePort()}`;
  const [storage, file] = [join(directory, 'registry'), join(directory, 'registry.json')];
  const configuration = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: storage } },
    http: { addr: host },
  };
  writeFileSync(file, JSON.stringify(configuration));
  const server = spawn('docker-registry', ['serve', file], { stdio: 'ignore' });
  const ended = once(server, 'exit');
  const stop = async () => {
    server.kill();
    await ended;
  };
  const image = `${host}/bench:1`;
  try {
    if (!(await answers(host))) throw new Error(`docker-registry does not answer on ${host}`);
    const options = ['--quiet', '--insecure-policy', '--preserve-digests', '--dest-tls-verify=false'];
    execFileSync('skopeo', ['copy', ...options, source, `docker://${image}`], { stdio: 'pipe' });
  } catch (error) {
    await stop();
    throw error;
  }
  const warm = () =>
    void execFileSync('sh', ['-c', `find "$1" -type f -exec cat {} + >/dev/null`, 'sh', storage]);
  return { image, warm, stop };
}
