import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createDecompressor } from '../../src/layer/decompress.ts';
import { decompressInPieces } from '../fixtures/decompress.ts';

const decompress = (bytes: Buffer, chunk?: number) => decompressInPieces(createDecompressor, bytes, chunk);

const text = Buffer.from(Array.from({ length: 700_000 }, (_, at) => (at * at * 31) % 253));
const hasZstd = existsSync('/usr/bin/zstd');
const zstd = (bytes: Buffer, ...options: string[]) =>
  execFileSync('zstd', ['-q', '-c', ...options], { input: bytes });

describe('createDecompressor', () => {
  it('hands plain bytes through, however few', async () => {
    for (const bytes of [text, Buffer.from('abc'), Buffer.alloc(0)])
      expect((await decompress(bytes)).equals(bytes)).toBe(true);
  });

  it('unpacks gzip', async () => {
    expect((await decompress(gzipSync(text), 65_536)).equals(text)).toBe(true);
  });

  it.each<[string, Buffer, RegExp]>([
    ['bzip2', Buffer.from('BZh91AY&SY'), /packed with bzip2/],
    ['xz', Buffer.from('\xfd7zXZ\0\0', 'latin1'), /packed with xz/],
  ])('refuses %s', async (_, bytes, message) => {
    await expect(decompress(bytes)).rejects.toThrow(message);
    await expect(decompress(bytes, 3)).rejects.toMatchObject({ code: 'INVALID_LAYER' });
  });

  describe.skipIf(!hasZstd)('zstd', () => {
    it.each([1000, 2 ** 22])('unpacks it in pieces of %i bytes', async (chunk) => {
      expect((await decompress(zstd(text), chunk)).equals(text)).toBe(true);
      expect((await decompress(zstd(text, '-19', '--check'), chunk)).equals(text)).toBe(true);
    });

    it('unpacks several frames, and skips those that are to be skipped', async () => {
      const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
      const frames = [skippable, zstd(Buffer.from('one ')), skippable, zstd(Buffer.from('two'))];
      for (const chunk of [7, 64, 1000]) {
        expect((await decompress(Buffer.concat(frames), chunk)).toString(), `pieces of ${chunk}`).toBe(
          'one two',
        );
      }
    });

    it('refuses what is damaged', async () => {
      const bytes = zstd(text);
      await expect(decompress(bytes.subarray(0, -100))).rejects.toThrow(/zstd data/);
      await expect(decompress(bytes.subarray(0, 10))).rejects.toThrow(/zstd data/);
    });

    it('refuses windows that would take more than 128 MiB of memory', async () => {
      const window = (exponent: number) =>
        Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (exponent - 10) << 3, 1, 0, 0]);
      expect(await decompress(window(27))).toEqual(Buffer.alloc(0));
      await expect(decompress(window(28))).rejects.toThrow(/zstd data/);
      await expect(decompress(Buffer.concat([zstd(Buffer.from('x')), window(31)]))).rejects.toThrow(
        /zstd data/,
      );
    });
  });
});
