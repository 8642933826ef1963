/** Pulls that go on where others stopped. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MNT, MS } from '../../../native/constants.ts';
import { storePaths } from '../../../src/store/layout.ts';
import { buildImage } from '../../fixtures/image.ts';
import { makePlace } from '../../fixtures/place.ts';
import type { Behaviour } from '../../fixtures/registry.ts';
import {
  expectWhole,
  KIB,
  LEFT,
  layer,
  misbehave,
  part,
  place,
  pull,
  ranges,
  SIZE,
  servers,
  stopped,
} from './resumed.ts';

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
