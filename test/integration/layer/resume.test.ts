/** Pulls that go on where others stopped. */
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MNT, MS } from '../../../native/constants.ts';
import { parseReference } from '../../../src/image/reference.ts';
import { createRegistryClient } from '../../../src/registry/client.ts';
import { type PullOptions, pullImage } from '../../../src/registry/pull.ts';
import { listBlobs } from '../../../src/store/blobs.ts';
import { ingestPath, NOTES_SUFFIX, PART_SUFFIX } from '../../../src/store/ingest.ts';
import { storePaths } from '../../../src/store/layout.ts';
import { removeImage } from '../../../src/store/remove.ts';
import { sweep } from '../../../src/store/sweep.ts';
import { KEPT_MS, UNFINISHED_SUFFIX } from '../../../src/store/unfinished.ts';
import { buildImage } from '../../fixtures/image.ts';
import { listImage } from '../../fixtures/mounted.ts';
import { makePlace, type TestPlace } from '../../fixtures/place.ts';
import { type Behaviour, startRegistry, type TestRegistry } from '../../fixtures/registry.ts';

const KIB = 1024;
const SIZE = 2 * KIB * KIB;
/** What a break at 1 000 000 bytes leaves: all pieces of 256 KiB before it. */
const CUT = 1_000_000;
const LEFT = 3 * 256 * KIB;

const names = ['a', 'b', 'c', 'd', 'e', 'f'];
const image = buildImage({
  layers: names.map((name) => ({ entries: [{ name, body: randomBytes(SIZE) }], compression: 'none' })),
});
const single = buildImage({
  layers: [{ entries: [{ name: 'a', body: randomBytes(SIZE) }], compression: 'none' }],
});
const layer = single.layers[0]!;

let place: TestPlace;
let servers: TestRegistry[];

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
async function pull(name = 'a:1', { count = 1, ...more }: Partial<PullOptions> & { count?: number } = {}) {
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

function misbehave(server: number, behaviour: Behaviour, digest = layer.digest): void {
  servers[server]!.misbehave(new RegExp(digest), behaviour);
}

/** The Range of each request for the blob, `all` without one. */
function ranges(server: number, digest: string = layer.digest): string[] {
  const asked = servers[server]!.requests.filter(({ path }) => path.endsWith(`/blobs/${digest}`));
  return asked.map(({ headers }) => headers.range ?? 'all');
}

const part = (digest = layer.digest) => ingestPath(place.store, digest);
const notes = () => part().replace(PART_SUFFIX, NOTES_SUFFIX);
const inIngest = () => readdirSync(storePaths.ingest(place.store));

/** A pull that stops after 1 000 000 bytes of the layer. */
async function stopped(): Promise<void> {
  misbehave(0, { cutAfter: CUT, times: 1 });
  misbehave(0, { status: 404, times: 1 });
  await expect(pull()).rejects.toThrow('does not have blob');
  expect(readFileSync(part()).equals(layer.bytes.subarray(0, LEFT))).toBe(true);
  servers[0]!.reset();
}

async function expectWhole({ image: pulled }: Awaited<ReturnType<typeof pull>>): Promise<void> {
  expect((await listImage(place, pulled)).a).toMatch(new RegExp(`^100644 0:0 1700000000000000000 ${SIZE} `));
  expect(inIngest()).toEqual([]);
}

describe.skipIf(process.getuid?.() !== 0)('a layer that stopped half-way', () => {
  it('goes on with a Range request, and it is told how much was here', async () => {
    await stopped();
    const result = await pull();
    expect(ranges(0)).toEqual([`bytes=${LEFT}-`]);
    expect(result.resumed).toBe(LEFT);
    expect(result.sources.get(layer.digest)).toEqual([{ source: servers[0]!.url, bytes: layer.size - LEFT }]);
    await expectWhole(result);
  });

  it('goes on at a mirror, when the registry that it began at is gone', async () => {
    await stopped();
    misbehave(0, { status: 404 });
    const result = await pull('a:1', { count: 2 });
    expect([ranges(0), ranges(1)]).toEqual([[`bytes=${LEFT}-`], [`bytes=${LEFT}-`]]);
    await expectWhole(result);
  });

  it('stops and goes on again and again', async () => {
    await stopped();
    misbehave(0, { cutAfter: 600 * KIB, times: 1 });
    misbehave(0, { status: 404, times: 1 });
    await expect(pull()).rejects.toThrow('does not have blob');
    servers[0]!.reset();
    await expectWhole(await pull());
    expect(ranges(0)).toEqual([`bytes=${LEFT + 512 * KIB}-`]);
  });

  it('goes on when its snapshot is here and only the blob is gone', async () => {
    await pull();
    rmSync(storePaths.blob(place.store, layer.digest));
    await stopped();
    await expectWhole(await pull());
    expect(ranges(0)).toEqual([`bytes=${LEFT}-`]);
  });

  it('needs nothing from anybody when all of it had come', async () => {
    await stopped();
    writeFileSync(part(), layer.bytes);
    const result = await pull();
    expect(ranges(0)).toEqual([]);
    expect(result.resumed).toBe(layer.size);
    await expectWhole(result);
  });
});

describe.skipIf(process.getuid?.() !== 0)('a disk that is full', () => {
  it('is gone on with when there is space again', async () => {
    const { syscalls } = place.store;
    const body = Buffer.concat([randomBytes(SIZE), Buffer.alloc(20 * SIZE, 1), randomBytes(SIZE)]);
    const large = buildImage({ layers: [{ entries: [{ name: 'a', body }] }] });
    servers[0]!.addImage('large', '1', large);
    const disk = join(place.root, 'disk');
    mkdirSync(disk);
    syscalls.mount('tmpfs', disk, 'tmpfs', 0, 'size=12m');
    try {
      const small = await makePlace(disk);
      await expect(pull('large:1', small)).rejects.toMatchObject({ code: 'NO_SPACE' });
      syscalls.mount('tmpfs', disk, 'tmpfs', MS.REMOUNT, 'size=100m');
      const { resumed } = await pull('large:1', small);
      expect(resumed).toBeGreaterThanOrEqual(SIZE - 256 * KIB);
      expect(ranges(0, large.layers[0]!.digest)).toEqual(['all', `bytes=${resumed}-`]);
      await small.unpacker.close();
    } finally {
      syscalls.umount2(disk, MNT.DETACH);
    }
  });
});

describe.skipIf(process.getuid?.() !== 0)('what had come of a layer', () => {
  it.each([
    ['damaged at its start', () => flip(10), 0],
    ['damaged in the middle', () => flip(300 * KIB), 256 * KIB],
    ['cut short', () => truncateSync(part(), 600 * KIB), 512 * KIB],
    ['zeros from some place on', () => zeroFrom(520 * KIB), 512 * KIB],
    ['longer than the layer', () => truncateSync(part(), layer.size + 1), 0],
    ['as long as the layer, and not it', () => truncateSync(part(), layer.size), 0],
    ['without notes', () => writeFileSync(notes(), ''), 0],
  ])('%s: what is still right is used', async (_, damage, expected) => {
    await stopped();
    damage();
    await expectWhole(await pull());
    expect(ranges(0)).toEqual([expected === 0 ? 'all' : `bytes=${expected}-`]);
  });

  it('wrong as it was served: all is fetched again, once, and it is said', async () => {
    misbehave(0, { flipByte: 5000, cutAfter: CUT, times: 1 });
    misbehave(0, { status: 404, times: 1 });
    await expect(pull()).rejects.toThrow('does not have blob');
    servers[0]!.reset();
    const result = await pull();
    expect(ranges(0)).toEqual([`bytes=${LEFT}-`, 'all']);
    expect(result.lines).toEqual([expect.stringContaining('an earlier pull and http')]);
    expect(result.resumed).toBe(0);
    await expectWhole(result);
  });

  function flip(at: number): void {
    const bytes = readFileSync(part());
    bytes[at] = bytes[at]! ^ 1;
    writeFileSync(part(), bytes);
  }

  function zeroFrom(at: number): void {
    truncateSync(part(), at);
    truncateSync(part(), LEFT);
  }
});

describe.skipIf(process.getuid?.() !== 0)('the request for the rest', () => {
  const whole = { status: 200, body: layer.bytes, headers: { 'content-range': undefined } };

  it('answered with 200: what is here is passed over', async () => {
    await stopped();
    misbehave(0, whole);
    const result = await pull();
    expect(ranges(0)).toEqual([`bytes=${LEFT}-`]);
    expect(result.resumed).toBe(LEFT);
    await expectWhole(result);
  });

  it.each<[string, Behaviour]>([
    ['416', { status: 416, body: '' }],
    ['another range', { headers: { 'content-range': `bytes 0-${layer.size - 1}/${layer.size}` } }],
    ['another total', { headers: { 'content-range': `bytes ${LEFT}-${layer.size - 1}/${layer.size + 1}` } }],
  ])('answered with %s: all is asked for, and what is here is passed over', async (_, behaviour) => {
    await stopped();
    misbehave(0, { ...behaviour, times: 1 });
    const result = await pull();
    expect(ranges(0)).toEqual([`bytes=${LEFT}-`, 'all']);
    await expectWhole(result);
  });

  it('answered with the bytes of another blob: all is fetched again', async () => {
    await stopped();
    misbehave(0, { body: Buffer.alloc(layer.size - LEFT, 'x'), times: 1 });
    await expectWhole(await pull());
    expect(ranges(0)).toEqual([`bytes=${LEFT}-`, 'all']);
  });

  it('answered with wrong bytes again and again: the pull fails, and nothing wrong is left', async () => {
    misbehave(0, { flipByte: 5000 });
    await expect(pull()).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(existsSync(part())).toBe(false);
    expect(existsSync(storePaths.blob(place.store, layer.digest))).toBe(false);
    expect(ranges(0)).toEqual(['all']);
    servers[0]!.reset();
    await expectWhole(await pull());
  });
});

describe.skipIf(process.getuid?.() !== 0)('several servers', () => {
  it('the first dies in mid-blob, the second serves one wrong blob, the third has all', async () => {
    const [dying, wrong] = image.layers as [typeof layer, typeof layer];
    misbehave(0, { cutAfter: CUT, times: 1 }, dying.digest);
    servers[0]!.misbehave(/./, { hangUp: true, when: () => ranges(0, dying.digest).length > 0 });
    misbehave(1, { flipByte: 700 }, wrong.digest);
    const result = await pull('six:1', { count: 3 });
    const [one, two, three] = servers.map(({ url }) => url) as [string, string, string];
    expect(result.sources.get(dying.digest)?.map(({ source }) => source)).toEqual([one, two]);
    expect(result.sources.get(wrong.digest)?.at(-1)?.source).toBe(three);
    expect(result.lines).toContainEqual(expect.stringContaining(`${two} goes on with blob ${dying.digest}`));
    expect(result.lines).toContainEqual(expect.stringContaining(`${two} served wrong bytes`));
    expect(Object.keys(await listImage(place, result.image))).toEqual(['.', ...names]);
  });

  it('that each serve wrong bytes in one blob: all of it comes from one', async () => {
    misbehave(0, { cutAfter: CUT, times: 1 });
    misbehave(0, { hangUp: true });
    misbehave(1, { flipByte: 700 });
    const result = await pull('a:1', { count: 3 });
    expect(result.sources.get(layer.digest)).toEqual([{ source: servers[2]!.url, bytes: layer.size }]);
    expect(result.lines).toContainEqual(expect.stringContaining('do not fit together'));
    await expectWhole(result);
  });

  it('one sends too much: the next is asked', async () => {
    misbehave(0, { endless: true });
    const result = await pull('a:1', { count: 2 });
    expect(result.sources.get(layer.digest)).toEqual([{ source: servers[1]!.url, bytes: layer.size }]);
    await expectWhole(result);
  });
});

describe.skipIf(process.getuid?.() !== 0)('what a pull that failed had finished', () => {
  const phases: string[] = [];
  const onProgress: NonNullable<PullOptions['onProgress']> = ({ digest, phase }) =>
    void phases.push(`${names[image.layers.findIndex((one) => one.digest === digest)]} ${phase}`);

  /** The fifth of six layers is not to be had. */
  async function failed(): Promise<void> {
    const done = () => new Set(phases.filter((phase) => phase.endsWith(' done'))).size;
    phases.length = 0;
    const fifth = image.layers[4]!.digest;
    misbehave(0, { stallAfter: CUT, times: 1 }, fifth);
    const stop = new AbortController();
    const watched: PullOptions['onProgress'] = (progress) => {
      onProgress(progress);
      if (done() === 4) setTimeout(() => stop.abort(new Error('enough')), 300);
    };
    await expect(pull('six:1', { onProgress: watched, signal: stop.signal })).rejects.toThrow('enough');
    servers[0]!.reset();
    phases.length = 0;
  }

  it('is neither downloaded nor unpacked again', async () => {
    await failed();
    await sweep(place.store, async () => place.driver);
    await pull('six:1', { onProgress });
    const asked = image.layers.map(({ digest }) => ranges(0, digest));
    expect(asked.slice(0, 4)).toEqual([[], [], [], []]);
    expect(asked[4]).toEqual([`bytes=${LEFT}-`]);
    for (const name of ['a', 'b', 'c', 'd']) {
      expect(phases.filter((phase) => phase.startsWith(name))).toEqual([`${name} exists`]);
    }
    expect(inIngest()).toEqual([]);
  });

  it('survives the removal of another image', async () => {
    await pull();
    await failed();
    const name = `${servers[0]!.host}/a:1`;
    await removeImage({ ...place, image: name, inUse: new Map() });
    expect(await listBlobs(place.store)).not.toContain(layer.digest);
    await pull('six:1', { onProgress });
    expect(image.layers.slice(0, 4).flatMap(({ digest }) => ranges(0, digest))).toEqual([]);
  });

  it('goes when it is a week old, and so do parts of blobs', async () => {
    await failed();
    const age = (ms: number) => {
      const then = (Date.now() - ms) / 1000;
      for (const name of inIngest()) utimesSync(join(storePaths.ingest(place.store), name), then, then);
    };
    const fifth = part(image.layers[4]!.digest);
    const unfinished = () => inIngest().filter((name) => name.endsWith(UNFINISHED_SUFFIX));
    age(KEPT_MS - 60_000);
    await sweep(place.store, async () => place.driver);
    expect([existsSync(fifth), unfinished().length]).toEqual([true, 1]);
    expect((await listBlobs(place.store)).length).toBeGreaterThanOrEqual(5);
    age(KEPT_MS + 60_000);
    await sweep(place.store, async () => place.driver);
    expect(inIngest()).toEqual([]);
    expect(await listBlobs(place.store)).toEqual([]);
    for await (const snapshot of place.driver.list()) expect.fail(`${snapshot.name} is still there`);
  });

  it('a part that is being written is not taken for an old one', async () => {
    await stopped();
    const stop = new AbortController();
    misbehave(0, { stallAfter: 100_000 });
    const pulling = pull('a:1', { signal: stop.signal }).catch(() => undefined);
    await expect.poll(() => ranges(0)).toHaveLength(1);
    utimesSync(part(), 0, 0);
    await sweep(place.store, async () => place.driver);
    expect(existsSync(part())).toBe(true);
    stop.abort();
    await pulling;
  });
});
