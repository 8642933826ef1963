// `node scripts/bench/stream.js IMAGE [MEBIBYTES]`, as root: bytes through `run -i IMAGE cat`, gocker against docker. Set DOCKER
// to a docker command whose daemon runs, as in DOCKER="docker -H unix:///tmp/docker.sock"; IMAGE is in both.
import { spawn } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [image, mebibytes = '1024'] = process.argv.slice(2);
const CHUNK = 1024 * 1024;

/** Sends the bytes through a program; throws unless the same come back. MiB in a second. */
async function rate([program, ...args]) {
  const begin = performance.now();
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [sent, got] = [createHash('sha256'), createHash('sha256')];
  child.stdout.on('data', (chunk) => got.update(chunk));
  const chunk = randomFillSync(Buffer.alloc(CHUNK));
  for (let done = 0; done < Number(mebibytes); done++) {
    chunk.writeUInt32LE(done);
    sent.update(chunk);
    if (!child.stdin.write(Buffer.from(chunk))) await once(child.stdin, 'drain');
  }
  child.stdin.end();
  const [code] = await once(child, 'close');
  if (code !== 0 || sent.digest('hex') !== got.digest('hex'))
    throw new Error(`${program}: not what was sent`);
  return Number(mebibytes) / ((performance.now() - begin) / 1000);
}

const run = ['run', '-i', '--rm', '--network', 'none', image, 'cat'];
const own = await rate([process.execPath, join(root, 'bin/run.js'), ...run]);
console.log(`gocker: ${own.toFixed(0)} MiB/s`);
if (process.env.DOCKER) {
  const other = await rate([...process.env.DOCKER.split(' '), ...run]);
  console.log(`docker: ${other.toFixed(0)} MiB/s; gocker has ${(own / other).toFixed(2)} of it`);
}
