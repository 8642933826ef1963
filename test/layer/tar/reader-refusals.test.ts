import { describe, expect, it } from 'vitest';
import { GockerError } from '../../../src/errors.ts';
import { TAR_LIMITS } from '../../../src/layer/tar/entry.ts';
import { tar } from '../../fixtures/tar.ts';
import { base256, everything, patch, read } from './reading.ts';

describe('TarReader', () => {
  const whole = tar([{ name: 'a', body: 'x'.repeat(600) }]);
  const pax = (body: string | Buffer) =>
    Buffer.concat([patch(tar([{ name: 'x', body }]).subarray(0, -1024), [[156, 'x']]), tar([{ name: 'a' }])]);
  it.each<[string, Buffer, RegExp]>([
    ['a header cut off', whole.subarray(0, 100), /ends in the middle/],
    ['data cut off', whole.subarray(0, 900), /ends in the middle/],
    ['padding cut off', whole.subarray(0, 1200), /ends in the middle/],
    ['a wrong checksum', Buffer.concat([Buffer.from('z'), whole.subarray(1)]), /checksum/],
    ['a lone block of NULs', Buffer.concat([Buffer.alloc(512), whole]), /lone block/],
    ['a field that is no number', patch(whole, [[108, 'bad']]), /uid is not an octal number/],
    ['a negative size', patch(whole, [[124, base256(-1n, 12)]]), /size/],
    ['a size beyond counting', patch(whole, [[124, base256(2n ** 80n, 12)]]), /out of range/],
    ['an owner that chown would ignore', patch(whole, [[108, base256(0xffffffffn, 8)]]), /uid 4294967295/],
    ['an unknown type', patch(whole, [[156, 'M']]), /entry type "M"/],
    ['an empty name', patch(whole, [[0, '\0\0']]), /empty path/],
    ['a symlink to nothing', tar([{ name: 'l', type: 'symlink' }]), /empty link target/],
    ['a NUL in a path', pax('12 path=a\0b\n'), /NUL in the path/],
    ['a pax record without end', pax('99 path=a\n'), /malformed record/],
    ['a pax record of length nothing', pax('0 path=a\n'), /malformed record/],
    ['a pax record without a key', pax('5 =a\n'), /malformed record/],
    ['a pax size that is no number', pax('12 size=1e9\n'), /size "1e9"/],
    ['a pax time that is none', pax('13 mtime=now\n'), /not a time/],
    ['an archive that ends after a pax header', pax('10 path=a\n').subarray(0, 1024), /ends in the middle/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(message);
  });

  it('keeps to its limits', () => {
    const limits = { ...TAR_LIMITS, entries: 2 };
    expect(read(tar([{ name: 'a' }, { name: 'b' }]), { limits })).toHaveLength(2);
    expect(() => read(tar([{ name: 'a' }, { name: 'b' }, { name: 'c' }]), { limits })).toThrow(
      /more than 2 entries/,
    );
    const value = 'v'.repeat(1000);
    const member = tar([{ name: 'a', pax: { comment: value } }]);
    expect(read(member, { limits: { ...TAR_LIMITS, metadata: 1100 } })).toHaveLength(1);
    expect(() => read(member, { limits: { ...TAR_LIMITS, metadata: 900 } })).toThrow(/metadata/);
    expect(() => read(tar([{ name: 'n'.repeat(5000) }]))).toThrow(/path of 5000 bytes/);
    const huge = patch(tar([{ name: 'x', body: 'x' }]), [
      [156, 'x'],
      [124, base256(2n ** 40n, 12)],
    ]);
    expect(() => read(huge)).toThrow(/metadata of 1099511627776 bytes/);
  });

  it('refuses sparse maps that overlap or go beyond the file', () => {
    const sparse = (map: string, size = 100) =>
      tar([{ name: 's', body: 'abcdef', pax: { 'GNU.sparse.map': map, 'GNU.sparse.size': String(size) } }]);
    expect(read(sparse('0,3,50,3'))[0]).toMatchObject({
      size: 100,
      sparse: [
        { offset: 0, length: 3 },
        { offset: 50, length: 3 },
      ],
    });
    for (const map of ['0,3,2,3', '50,3,0,3', '0,3,98,3', '0,3', '0,3,50', '0,3,50,4']) {
      expect(() => read(sparse(map)), map).toThrow(/sparse map|map of a sparse file/);
    }
  });

  it('never fails but with an answer, whatever the bytes', () => {
    const bytes = tar(everything);
    let seed = 1;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % below;
    };
    for (let round = 0; round < 2000; round++) {
      const copy = Buffer.from(bytes);
      for (let change = 0; change <= random(3); change++) {
        const at = random(copy.length / 512) * 512;
        copy[at + random(512)] = random(256);
        if (random(2) === 0) patch(copy, [], at).copy(copy);
      }
      try {
        read(copy, { chunk: 1 + random(3000) });
      } catch (error) {
        expect(error).toBeInstanceOf(GockerError);
        expect((error as GockerError).code).toBe('INVALID_LAYER');
      }
    }
  });
});
