import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DigestMismatchError } from '../../src/errors.ts';
import type { Digest } from '../../src/image/digest.ts';
import { InvalidLayerError } from '../../src/layer/error.ts';
import type { LayerJob } from '../../src/layer/job.ts';
import { CHUNK } from '../../src/layer/streamed.ts';
import { createUnpacker, type Unpacker } from '../../src/layer/unpacker.ts';
import { buildLayer } from '../fixtures/image.ts';
import { chunksOf, jobOf } from '../fixtures/unpack.ts';
import { buildWorker } from '../fixtures/worker.ts';

const layer = buildLayer({
  entries: [{ name: 'a', body: Buffer.alloc(5_000_000, 'abc') }],
  compression: 'none',
});
let unpacker: Unpacker;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gocker-test-'));
  unpacker = createUnpacker({ file: await buildWorker(), workers: 2 });
});
afterAll(async () => {
  await unpacker.close();
  rmSync(directory, { recursive: true });
});

/** Layers without a target: they are verified and kept, which needs no root. */
function verify(job: Partial<LayerJob> = {}, bytes = layer.bytes) {
  return unpacker.unpack(jobOf(layer.bytes, job), { open: async () => chunksOf(bytes, 70_001) });
}

describe('createUnpacker', () => {
  it('keeps the bytes as they came and says how many there are unpacked', async () => {
    const ingest = join(directory, 'kept');
    expect(await verify({ ingest })).toEqual({
      questions: { implied: [], whiteouts: [] },
      unpacked: layer.size,
    });
    expect(readFileSync(ingest).equals(layer.bytes)).toBe(true);
  });

  it('reads a file by itself', async () => {
    const source = join(directory, 'source');
    writeFileSync(source, layer.bytes);
    const result = await unpacker.unpack(jobOf(layer.bytes, { source }), {});
    expect(result.unpacked).toBe(layer.size);
  });

  it('opens no more sources than it has workers', async () => {
    let [open, most] = [0, 0];
    async function* watched() {
      most = Math.max(most, ++open);
      yield* chunksOf(layer.bytes, 1_000_000);
      open--;
    }
    const jobs = Array.from({ length: 5 }, () =>
      unpacker.unpack(jobOf(layer.bytes, {}), { open: async () => watched() }),
    );
    await Promise.all(jobs);
    expect(most).toBe(2);
  });

  it('does not run far ahead of its worker', async () => {
    let [given, used, most] = [0, 0, 0];
    async function* counted() {
      for await (const chunk of chunksOf(layer.bytes, 65_536)) {
        given += chunk.length;
        most = Math.max(most, given - used);
        yield chunk;
      }
    }
    const onProgress = (taken: number) => {
      used = taken;
    };
    await unpacker.unpack(jobOf(layer.bytes, {}), { open: async () => counted(), onProgress });
    expect(used).toBe(layer.size);
    expect(most).toBeLessThan(2_500_000);
  });

  it.each<[string, () => Promise<unknown>, object]>([
    [
      'a wrong digest',
      () => verify({}, Buffer.concat([layer.bytes.subarray(0, -1), Buffer.from('x')])),
      { code: 'DIGEST_MISMATCH', expected: layer.digest },
    ],
    [
      'too few bytes',
      () => verify({}, layer.bytes.subarray(0, -1)),
      { code: 'DIGEST_MISMATCH', found: String(layer.size - 1) },
    ],
    [
      'a wrong diffID',
      () => verify({ diffID: `sha256:${'0'.repeat(64)}` as Digest }),
      { code: 'INVALID_LAYER', message: expect.stringContaining(layer.digest) },
    ],
  ])('rejects %s with the same class of error as in one thread, and works on', async (_, act, expected) => {
    const failure = await act().catch((error: unknown) => error);
    expect(failure).toMatchObject(expected);
    expect(failure instanceof DigestMismatchError || failure instanceof InvalidLayerError).toBe(true);
    await expect(verify()).resolves.toBeDefined();
  });

  it('rejects with what went wrong at the source', async () => {
    async function* broken() {
      yield layer.bytes.subarray(0, 400_000);
      throw new Error('cut');
    }
    const job = jobOf(layer.bytes, { ingest: join(directory, 'cut') });
    await expect(unpacker.unpack(job, { open: async () => broken() })).rejects.toThrow('cut');
    await expect(
      unpacker.unpack(jobOf(layer.bytes, {}), { open: () => Promise.reject(new Error('no')) }),
    ).rejects.toThrow('no');
    await expect(verify()).resolves.toBeDefined();
  });

  describe('with a file that has something already', () => {
    const part = (name: string) => ({
      ingest: join(directory, name),
      notes: join(directory, `${name}.notes`),
    });
    const until = 3 * CHUNK + 5;

    async function* broken() {
      yield layer.bytes.subarray(0, until);
      throw new Error('cut');
    }

    /** Of the second attempt: which bytes were asked for. */
    async function resumed(name: string, between: (path: string) => void = () => {}) {
      const job = jobOf(layer.bytes, part(name));
      await expect(unpacker.unpack(job, { open: async () => broken() })).rejects.toThrow('cut');
      between(job.ingest!);
      const offsets: number[] = [];
      const taken: number[] = [];
      const open = async (offset: number) => {
        offsets.push(offset);
        return chunksOf(layer.bytes.subarray(offset), 70_001);
      };
      await unpacker.unpack(job, { open, onProgress: (bytes) => taken.push(bytes) });
      expect(readFileSync(job.ingest!).equals(layer.bytes)).toBe(true);
      return { offsets, taken };
    }

    it('takes that first and asks for the rest', async () => {
      const { offsets, taken } = await resumed('resumed');
      expect(offsets).toEqual([3 * CHUNK]);
      expect(taken.slice(0, 3)).toEqual([CHUNK, 2 * CHUNK, 3 * CHUNK]);
      expect(taken.at(-1)).toBe(layer.size);
    });

    it('takes no damaged bytes', async () => {
      const { offsets } = await resumed('damaged', (path) => truncateSync(path, 2 * CHUNK + 9));
      expect(offsets).toEqual([2 * CHUNK]);
    });

    it('asks for nothing when all is there', async () => {
      const whole = await resumed('whole', (path) => writeFileSync(path, layer.bytes));
      expect(whole.offsets).toEqual([layer.size]);
    });

    it('keeps it when the source cannot be opened', async () => {
      const job = jobOf(layer.bytes, part('closed'));
      await expect(unpacker.unpack(job, { open: async () => broken() })).rejects.toThrow('cut');
      const open = () => Promise.reject(new Error('no'));
      await expect(unpacker.unpack(job, { open })).rejects.toThrow('no');
      expect(readFileSync(job.ingest!).equals(layer.bytes.subarray(0, 3 * CHUNK))).toBe(true);
    });
  });

  it('does not wait for a source that stalls once the worker has failed', async () => {
    async function* stalling() {
      yield layer.bytes.subarray(0, CHUNK + 100_000);
      await new Promise(() => {});
    }
    const job = jobOf(layer.bytes, { ingest: '/dev/full' });
    const failure = unpacker.unpack(job, { open: async () => stalling() });
    await expect(failure).rejects.toMatchObject({
      code: 'NO_SPACE',
      hint: expect.stringContaining('free some space'),
    });
  });

  it('rejects with the reason of an abort', async () => {
    const controller = new AbortController();
    async function* slow() {
      yield layer.bytes.subarray(0, 400_000);
      controller.abort(new Error('enough'));
      await new Promise((resolve) => setTimeout(resolve, 50));
      yield layer.bytes.subarray(400_000);
    }
    const options = { open: async () => slow(), signal: controller.signal };
    await expect(unpacker.unpack(jobOf(layer.bytes, {}), options)).rejects.toThrow('enough');
    await expect(verify()).resolves.toBeDefined();
  });
});
