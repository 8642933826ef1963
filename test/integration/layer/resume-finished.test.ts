import { existsSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PullOptions } from '../../../src/registry/pull.ts';
import { listBlobs } from '../../../src/store/blobs.ts';
import { storePaths } from '../../../src/store/layout.ts';
import { removeImage } from '../../../src/store/remove.ts';
import { sweep } from '../../../src/store/sweep.ts';
import { KEPT_MS, UNFINISHED_SUFFIX } from '../../../src/store/unfinished.ts';
import {
  CUT,
  image,
  inIngest,
  LEFT,
  layer,
  misbehave,
  names,
  part,
  place,
  pull,
  ranges,
  servers,
  stopped,
} from './resumed.ts';

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
