import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openInflater } from '../../native/isal.ts';
import { decompressInPieces, GUNZIPS } from '../fixtures/decompress.ts';

const text = Buffer.from(Array.from({ length: 700_000 }, (_, at) => (at * at * 31) % 253));

const hasIsal = openInflater() !== undefined;
if (!hasIsal) console.log('libisal.so.2 is not installed: gzip is unpacked with zlib alone');
const ways = Object.entries(GUNZIPS).filter(([name]) => !name.startsWith('ISA-L') || hasIsal);

describe.each(ways)('gunzip (%s)', (_, create) => {
  const gunzip = (bytes: Buffer, piece?: number) => decompressInPieces(create, bytes, piece);

  it.each([1000, 65_536, 2 ** 22])('unpacks what comes in pieces of %i bytes', async (piece) => {
    expect((await gunzip(gzipSync(text), piece)).equals(text)).toBe(true);
  });

  it('passes over NULs at the end, as gzip does', async () => {
    const padded = Buffer.concat([gzipSync(text), Buffer.alloc(1000)]);
    expect((await gunzip(padded, 900)).equals(text)).toBe(true);
  });

  it('unpacks what ends where a piece of its output does', async () => {
    const whole = Buffer.alloc(1024 * 1024, 'piece');
    expect((await gunzip(gzipSync(whole))).equals(whole)).toBe(true);
    expect((await gunzip(gzipSync(whole), 1)).equals(whole)).toBe(true);
  });

  it('unpacks several members, wherever the pieces are cut', async () => {
    const bytes = Buffer.concat(['one ', 'two ', '', 'three'].map((word) => gzipSync(word)));
    for (let piece = 1; piece <= bytes.length; piece++) {
      expect((await gunzip(bytes, piece)).toString(), `pieces of ${piece}`).toBe('one two three');
    }
  });

  it.each<[string, Buffer, RegExp]>([
    ['what ends early', gzipSync(text).subarray(0, -100), /gzip data: unexpected end of file/],
    ['what has no checksum', gzipSync('short').subarray(0, -8), /gzip data/],
    ['a flipped byte', flip(gzipSync(text), gzipSync(text).length / 2), /gzip data/],
    [
      'a wrong checksum',
      flip(gzipSync('short'), gzipSync('short').length - 6),
      /gzip data: incorrect data check/,
    ],
    ['a wrong length', flip(gzipSync('short'), gzipSync('short').length - 2), /gzip data/],
    ['garbage at the end', Buffer.concat([gzipSync('x'), Buffer.from('garbage garbage')]), /gzip data/],
  ])('refuses %s', async (_, bytes, message) => {
    await expect(gunzip(bytes)).rejects.toThrow(message);
    await expect(gunzip(bytes, 3)).rejects.toMatchObject({ code: 'INVALID_LAYER' });
  });

  it('fails with what the callback throws', async () => {
    let calls = 0;
    const decompressor = create(() => {
      calls++;
      throw new Error('full');
    });
    const attempt = async () => {
      await decompressor.write(gzipSync(Buffer.alloc(3_000_000)));
      await decompressor.end();
    };
    await expect(attempt()).rejects.toThrow('full');
    decompressor.destroy();
    expect(calls).toBe(1);
  });
});

function flip(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[Math.floor(at)] = copy[Math.floor(at)]! ^ 0xff;
  return copy;
}
