/** Pulls that are killed, or that run out of space. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MNT } from '../../../native/constants.ts';
import { parseReference } from '../../../src/image/reference.ts';
import { createRegistryClient } from '../../../src/registry/client.ts';
import { pullImage } from '../../../src/registry/pull.ts';
import { listImages } from '../../../src/store/images.ts';
import { sweep } from '../../../src/store/sweep.ts';
import { type BuiltImage, buildImage } from '../../fixtures/image.ts';
import { listImage } from '../../fixtures/mounted.ts';
import { makePlace, strayFiles, type TestPlace } from '../../fixtures/place.ts';
import { startRegistry, type TestRegistry } from '../../fixtures/registry.ts';
import { startPullProcess } from '../../fixtures/worker.ts';

let place: TestPlace;
let registry: TestRegistry;
let image: BuiltImage;

beforeEach(async () => {
  place = await makePlace();
  registry = await startRegistry();
  const files = (prefix: string) =>
    Array.from({ length: 300 }, (_, at) => ({ name: `${prefix}/${at}`, body: `${prefix}${at}`.repeat(200) }));
  const layers = ['a', 'b', 'c'].map((prefix) => ({
    entries: [
      { name: prefix, type: 'directory' as const },
      { name: `${prefix}/noise`, body: randomBytes(300_000) },
      ...files(prefix),
    ],
  }));
  image = buildImage({ layers: [...layers, { entries: [{ name: 'd/hard', type: 'link', link: 'a/1' }] }] });
  registry.addImage('a', '1', image);
});
afterEach(async () => {
  await registry.close();
  await place.remove();
});

const startPull = (root = place.root) => startPullProcess(root, `${registry.host}/a:1`);

function pull(more: Partial<TestPlace> = {}) {
  const mine = { ...place, ...more };
  const reference = parseReference(`${registry.host}/a:1`);
  return pullImage({ ...mine, syscalls: mine.store.syscalls, reference, client: createRegistryClient() });
}

async function expectRepaired(): Promise<void> {
  await sweep(place.store, async () => place.driver);
  expect(strayFiles(place.store)).toEqual([]);
  const names: string[] = [];
  for await (const { name, kind } of place.driver.list()) {
    expect(kind).toBe('committed');
    names.push(name);
  }
  const storage = join(place.root, 'storage/overlayfs');
  const folders = (existsSync(storage) ? readdirSync(storage) : []).filter((name) =>
    /^[0-9a-z]{6}$/.test(name),
  );
  expect(folders.length).toBe(names.length);
}

describe.skipIf(process.getuid?.() !== 0)('a pull', () => {
  it('that is killed at any time leaves nothing that the next one does not repair', {
    timeout: 120_000,
  }, async () => {
    for (let wait = 0; wait <= 240; wait += 10) {
      registry.requests.length = 0;
      const { child, ended } = await startPull();
      while (registry.requests.length === 0) await sleep(2);
      await sleep(wait);
      child.kill('SIGKILL');
      await ended;
      const { images, damaged } = await listImages(place.store);
      expect(damaged).toEqual([]);
      if (images[0] !== undefined) await listImage(place, images[0].image);
      await expectRepaired();
    }
    const { image: pulled } = await pull();
    expect(Object.keys(await listImage(place, pulled))).toHaveLength(1 + 3 * 302 + 2);
    await expectRepaired();
  });

  it('that does not fit says so and leaves nothing, whatever ran out', { timeout: 120_000 }, async () => {
    const { syscalls } = place.store;
    const outcomes: string[] = [];
    const sizes = [64, 256, 512, 1024, 1536, 2048, 2560, 3072, 16_384].map((size) => `size=${size}k`);
    for (const options of [...sizes, 'size=64m,nr_inodes=200', 'size=64m,nr_inodes=700']) {
      const directory = join(place.root, 'disk');
      mkdirSync(directory);
      syscalls.mount('tmpfs', directory, 'tmpfs', 0, options);
      try {
        const { code, output } = await (await startPull(directory)).ended;
        outcomes.push(`${code} ${output.trim()}`);
        expect(readdirSync(directory).includes('index.json')).toBe(code === 0);
        if (code === 0) {
          const found = execFileSync('find', [directory, '-path', '*/fs/*'], { encoding: 'utf8' });
          expect(found.trim().split('\n')).toHaveLength(3 * 302 + 4);
        }
      } finally {
        syscalls.umount2(directory, MNT.DETACH);
        rmdirSync(directory);
      }
    }
    const failed = outcomes.filter((outcome) => outcome !== '0 downloaded');
    expect(failed).toHaveLength(10);
    for (const outcome of failed) expect(outcome).toMatch(/^1 (?:NO_SPACE|ENOSPC): /);
    expect(failed.some((outcome) => outcome.includes('need at least'))).toBe(true);
    expect(failed.some((outcome) => /layer sha256:.*entry .*no space left/.test(outcome))).toBe(true);
  });
});
