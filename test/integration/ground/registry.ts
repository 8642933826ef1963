/** A registry of Debian's docker-registry on loopback, with nothing in it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Registry {
  /** `127.0.0.1:PORT` */
  host: string;
  /** Where it keeps its blobs (docker/registry/v2/blobs/sha256/ab/abc.../data), for tests that damage them. */
  storage: string;
  stop(): Promise<void>;
}

/** One of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

function configuration(host: string, storage: string): string {
  return [
    'version: 0.1',
    'log: {level: error, accesslog: {disabled: true}}',
    `storage: {filesystem: {rootdirectory: ${storage}}, delete: {enabled: true}}`,
    `http: {addr: ${host}}`,
    '',
  ].join('\n');
}

async function answers(host: string): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const response = await fetch(`http://${host}/v2/`).catch(() => undefined);
    if (response?.ok) return true;
    await sleep(100);
  }
  return false;
}

/** Starts a registry with its own configuration and storage; `stop` leaves nothing of it. */
export async function startRegistry(): Promise<Registry> {
  const directory = mkdtempSync(join(tmpdir(), 'gocker-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const storage = join(directory, 'storage');
  writeFileSync(join(directory, 'config.yml'), configuration(host, storage));
  const server = spawn('docker-registry', ['serve', join(directory, 'config.yml')], { stdio: 'ignore' });
  const ended = once(server, 'exit');
  const stop = async () => {
    server.kill();
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  if (await answers(host)) return { host, storage, stop };
  await stop();
  throw new Error(`docker-registry does not answer on ${host}`);
}
