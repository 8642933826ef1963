/** Three servers, a store, and pulls that stopped half-way. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect } from 'vitest';
import { parseReference } from '../../../src/image/reference.ts';
import { createRegistryClient } from '../../../src/registry/client.ts';
import { type PullOptions, pullImage } from '../../../src/registry/pull.ts';
import { ingestPath, NOTES_SUFFIX, PART_SUFFIX } from '../../../src/store/ingest.ts';
import { storePaths } from '../../../src/store/layout.ts';
import { buildImage } from '../../fixtures/image.ts';
import { listImage } from '../../fixtures/mounted.ts';
import { makePlace, type TestPlace } from '../../fixtures/place.ts';
import { type Behaviour, startRegistry, type TestRegistry } from '../../fixtures/registry.ts';

export const KIB = 1024;
export const SIZE = 2 * KIB * KIB;
/** Of what a break at 1 000 000 bytes leaves all steps of 256 KiB can be checked, and are gone on from. */
export const CUT = 1_000_000;
export const LEFT = 3 * 256 * KIB;

export const names = ['a', 'b', 'c', 'd', 'e', 'f'];
export const image = buildImage({
  layers: names.map((name) => ({ entries: [{ name, body: randomBytes(SIZE) }], compression: 'none' })),
});
const single = buildImage({
  layers: [{ entries: [{ name: 'a', body: randomBytes(SIZE) }], compression: 'none' }],
});
export const layer = single.layers[0]!;

export let place: TestPlace;
export let servers: TestRegistry[];

beforeEach(async () => {
  place = await makePlace();
  servers = await Promise.all([0, 1, 2].map(() => startRegistry()));
  for (const server of servers) {
    server.addImage('a', '1', single);
    server.addImage('six', '1', image);
  }
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await place.remove();
});

/** From the first `count` servers: the last of them is the registry, the others are its mirrors. */
export async function pull(
  name = 'a:1',
  { count = 1, ...more }: Partial<PullOptions> & { count?: number } = {},
) {
  const asked = servers.slice(0, count);
  const { host } = asked.at(-1)!;
  const settings = { mirrors: { [host]: asked.slice(0, -1).map(({ url }) => url) }, insecure: [] };
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  const retries = { breaks: 1, base: 1 };
  const result = await pullImage({
    ...place,
    syscalls: place.store.syscalls,
    reference: parseReference(`${host}/${name}`),
    client: createRegistryClient({ settings, log, retries }),
    log,
    ...more,
  });
  return { ...result, lines };
}

export function misbehave(server: number, behaviour: Behaviour, digest = layer.digest): void {
  servers[server]!.misbehave(new RegExp(digest), behaviour);
}

/** The Range of each request for the blob, `all` without one. */
export function ranges(server: number, digest: string = layer.digest): string[] {
  const asked = servers[server]!.requests.filter(({ path }) => path.endsWith(`/blobs/${digest}`));
  return asked.map(({ headers }) => headers.range ?? 'all');
}

export const part = (digest = layer.digest) => ingestPath(place.store, digest);
export const notes = () => part().replace(PART_SUFFIX, NOTES_SUFFIX);
export const inIngest = () => readdirSync(storePaths.ingest(place.store));

/** A pull that stops after 1 000 000 bytes of the layer. */
export async function stopped(): Promise<void> {
  misbehave(0, { cutAfter: CUT, times: 1 });
  misbehave(0, { status: 404, times: 1 });
  await expect(pull()).rejects.toThrow('does not have blob');
  expect(readFileSync(part()).equals(layer.bytes.subarray(0, CUT))).toBe(true);
  servers[0]!.reset();
}

export async function expectWhole({ image: pulled }: Awaited<ReturnType<typeof pull>>): Promise<void> {
  expect((await listImage(place, pulled)).a).toMatch(new RegExp(`^100644 0:0 1700000000000000000 ${SIZE} `));
  expect(inIngest()).toEqual([]);
}
