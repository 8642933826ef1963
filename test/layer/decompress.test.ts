import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createDecompressor } from '../../src/layer/decompress.ts';

async function decompress(
  bytes: Buffer,
  chunk = bytes.length || 1,
  options: { apart?: boolean } = {},
): Promise<Buffer> {
  const parts: Buffer[] = [];
  const decompressor = createDecompressor((part) => void parts.push(Buffer.from(part)), options);
  try {
    for (let at = 0; at < bytes.length; at += chunk) {
      await decompressor.write(Buffer.from(bytes.subarray(at, at + chunk)));
    }
    await decompressor.end();
    return Buffer.concat(parts);
  } finally {
    decompressor.destroy();
  }
}

const text = Buffer.from(Array.from({ length: 700_000 }, (_, at) => (at * at * 31) % 253));
const hasZstd = existsSync('/usr/bin/zstd');
const zstd = (bytes: Buffer, ...options: string[]) =>
  execFileSync('zstd', ['-q', '-c', ...options], { input: bytes });

describe('createDecompressor', () => {
  it('hands plain bytes through, however few', async () => {
    for (const bytes of [text, Buffer.from('abc'), Buffer.alloc(0)])
      expect((await decompress(bytes)).equals(bytes)).toBe(true);
  });

  it.each([1000, 65_536, 2 ** 22])('unpacks gzip in pieces of %i bytes', async (chunk) => {
    expect((await decompress(gzipSync(text), chunk)).equals(text)).toBe(true);
    expect((await decompress(gzipSync(text), chunk, { apart: true })).equals(text)).toBe(true);
  });

  it('passes over NULs after gzip, as gzip does', async () => {
    const padded = Buffer.concat([gzipSync(text), Buffer.alloc(1000)]);
    for (const apart of [false, true]) {
      expect((await decompress(padded, 900, { apart })).equals(text)).toBe(true);
    }
  });

  it('unpacks gzip whose bytes end where a piece of its output does', async () => {
    const whole = Buffer.alloc(1024 * 1024, 'piece');
    expect((await decompress(gzipSync(whole))).equals(whole)).toBe(true);
    expect((await decompress(gzipSync(whole), 1)).equals(whole)).toBe(true);
  });

  it('unpacks gzip of several members, wherever the pieces are cut', async () => {
    const first = gzipSync('one ');
    const bytes = Buffer.concat([first, gzipSync('two '), gzipSync(''), gzipSync('three')]);
    for (let chunk = 1; chunk <= bytes.length; chunk++) {
      expect((await decompress(bytes, chunk)).toString(), `pieces of ${chunk}`).toBe('one two three');
    }
  });

  it.each<[string, Buffer, RegExp]>([
    ['gzip that ends early', gzipSync(text).subarray(0, -100), /gzip data: unexpected end of file/],
    ['gzip without its checksum', gzipSync('short').subarray(0, -8), /gzip data/],
    ['gzip with a flipped byte', flip(gzipSync(text), gzipSync(text).length / 2), /gzip data/],
    [
      'gzip with a wrong checksum',
      flip(gzipSync('short'), gzipSync('short').length - 6),
      /gzip data: incorrect data check/,
    ],
    ['garbage after gzip', Buffer.concat([gzipSync('x'), Buffer.from('garbage garbage')]), /gzip data/],
    ['bzip2', Buffer.from('BZh91AY&SY'), /packed with bzip2/],
    ['xz', Buffer.from('\xfd7zXZ\0\0', 'latin1'), /packed with xz/],
  ])('refuses %s', async (_, bytes, message) => {
    await expect(decompress(bytes)).rejects.toThrow(message);
    await expect(decompress(bytes, bytes.length, { apart: true })).rejects.toThrow(message);
    await expect(decompress(bytes, 3)).rejects.toMatchObject({ code: 'INVALID_LAYER' });
  });

  it.each([false, true])('fails with what the callback throws (apart: %s)', async (apart) => {
    let calls = 0;
    const fail = () => {
      calls++;
      throw new Error('full');
    };
    const decompressor = createDecompressor(fail, { apart });
    const attempt = async () => {
      await decompressor.write(gzipSync(Buffer.alloc(3_000_000)));
      await decompressor.end();
    };
    await expect(attempt()).rejects.toThrow('full');
    decompressor.destroy();
    expect(calls).toBe(1);
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

function flip(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[Math.floor(at)] = copy[Math.floor(at)]! ^ 0xff;
  return copy;
}
