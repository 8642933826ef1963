/** A registry, a store, and pushes from one to the other. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { createSyscalls } from '../../native/index.ts';
import { parseReference } from '../../src/image/reference.ts';
import type { RegistryClientOptions } from '../../src/registry/client.ts';
import { createConnection } from '../../src/registry/connection.ts';
import { type BlobProgress, type PushOptions, pushImage } from '../../src/registry/push.ts';
import { putBlob } from '../../src/store/blobs.ts';
import { openStore, type Store } from '../../src/store/layout.ts';
import { registry as start } from '../fixtures/client.ts';
import { type BuiltImage, buildImage, descriptorOf } from '../fixtures/image.ts';
import type { Script, TestRegistry } from '../fixtures/registry.ts';

export const MIB = 1024 * 1024;
const noise = Buffer.alloc(6 * MIB, 'a layer of six mebibytes ');
export const big = buildImage({
  layers: [{ entries: [{ name: 'noise', body: noise }], compression: 'none' }],
});
export const layer = big.layers[0]!;

export let root: string;
export let store: Store;
export let registry: TestRegistry;
export let lines: string[];
export let waits: number[];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'gocker-test-'));
  store = await openStore(root, createSyscalls());
  [lines, waits] = [[], []];
});
afterEach(() => rmSync(root, { recursive: true }));

export async function open(script: Script = {}): Promise<void> {
  registry = await start(script);
}

export async function keep(image: BuiltImage): Promise<void> {
  for (const part of image.images) await keep(part);
  for (const { bytes } of [...image.blobs, image]) await putBlob(store, bytes);
}

export async function push(
  image: BuiltImage,
  more: Partial<PushOptions> = {},
  client: RegistryClientOptions = {},
): Promise<BlobProgress[]> {
  const seen: BlobProgress[] = [];
  const sleep = async (ms: number) => void waits.push(ms);
  await pushImage({
    connection: createConnection({
      timeouts: { connect: 500, response: 500, progress: 300, document: 500, commit: 500 },
      log: (line) => lines.push(line),
      ...client,
      retries: { sleep, random: () => 0.5, ...client.retries },
    }),
    store,
    reference: parseReference(`${registry.host}/new/app:1`),
    top: descriptorOf(image),
    instead: descriptorOf(image.images[0] ?? image),
    sourcesOf: () => [],
    onProgress: (progress) => seen.push(progress),
    ...more,
  });
  return seen;
}

export const sent = () => registry.requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`);
export const ends = (seen: BlobProgress[]) =>
  seen.filter(({ phase }) => phase !== 'waiting' && phase !== 'pushing').map(({ phase }) => phase);
