import { describe, expect, it } from 'vitest';
import { GockerError } from '../../../src/errors.ts';
import { TAR_LIMITS, type TarEntry, type TarLimits } from '../../../src/layer/tar/entry.ts';
import { TarReader } from '../../../src/layer/tar/reader.ts';
import { type Entry, tar } from '../../fixtures/tar.ts';

interface Seen extends TarEntry {
  body: Buffer;
}

function read(
  bytes: Buffer,
  { chunk = bytes.length, limits = TAR_LIMITS }: { chunk?: number; limits?: TarLimits } = {},
): Seen[] {
  const seen: Seen[] = [];
  let open: { entry: TarEntry; parts: Buffer[] } | undefined;
  const reader = new TarReader(
    {
      entry: (entry) => {
        expect(open).toBeUndefined();
        open = { entry, parts: [] };
      },
      data: (part) => void open!.parts.push(Buffer.from(part)),
      close: () => {
        seen.push({ ...open!.entry, body: Buffer.concat(open!.parts) });
        open = undefined;
      },
    },
    limits,
  );
  for (let at = 0; at < bytes.length; at += chunk) reader.write(bytes.subarray(at, at + chunk));
  reader.end();
  return seen;
}

/** Rewrites fields of the header at `at` and its checksum. */
function patch(bytes: Buffer, fields: [offset: number, value: Buffer | string][], at = 0): Buffer {
  const copy = Buffer.from(bytes);
  const header = copy.subarray(at, at + 512);
  for (const [offset, value] of fields) Buffer.from(value as string, 'latin1').copy(header, offset);
  header.write('        ', 148, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return copy;
}

function base256(value: bigint, width: number): Buffer {
  const bytes = Buffer.alloc(width);
  let rest = BigInt.asUintN(width * 8, value);
  for (let at = width - 1; at >= 0; at--) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  bytes[0] = bytes[0]! | 0x80;
  return bytes;
}

const long = 'p/'.repeat(150);
const everything: Entry[] = [
  { name: 'dir', type: 'directory', mode: 0o1777 },
  { name: 'file', body: 'x'.repeat(1300), mode: 0o4755, uid: 1, gid: 2, mtime: 12 },
  { name: 'empty' },
  { name: 'exact', body: 'y'.repeat(1024) },
  { name: 'link', type: 'link', link: 'file' },
  { name: 'symlink', type: 'symlink', link: long },
  { name: `${long}name`, body: 'long' },
  { name: 'null', type: 'character', device: [1, 3] },
  { name: 'disk', type: 'block', device: [254, 7] },
  { name: 'fifo', type: 'fifo' },
  {
    name: 'pax',
    body: 'z',
    pax: { mtime: '1.5', 'SCHILY.xattr.user.a': Buffer.from([0, 10, 255]), uid: '70000', comment: 'no' },
  },
];

describe('TarReader', () => {
  it('reads every kind of entry', () => {
    const seen = read(tar(everything));
    expect(seen.map(({ name, type }) => [name.slice(0, 10), type])).toEqual([
      ['dir', 'directory'],
      ['file', 'file'],
      ['empty', 'file'],
      ['exact', 'file'],
      ['link', 'hardlink'],
      ['symlink', 'symlink'],
      ['p/p/p/p/p/', 'file'],
      ['null', 'character'],
      ['disk', 'block'],
      ['fifo', 'fifo'],
      ['pax', 'file'],
    ]);
    expect(seen[1]).toMatchObject({ mode: 0o4755, uid: 1, gid: 2, size: 1300, mtimeNs: 12_000_000_000n });
    expect(seen[1]!.body.toString()).toBe('x'.repeat(1300));
    expect(seen[5]!.linkname).toBe(long);
    expect(seen[8]!.device).toEqual({ major: 254, minor: 7 });
    expect(seen[10]).toMatchObject({ uid: 70_000, mtimeNs: 1_500_000_000n });
    expect(seen[10]!.xattrs.get('user.a')).toEqual(Buffer.from([0, 10, 255]));
  });

  it.each([1, 7, 511, 512, 513, 4096])('reads the same in pieces of %i bytes', (chunk) => {
    const bytes = tar(everything);
    expect(read(bytes, { chunk })).toEqual(read(bytes));
  });

  it('reads names as bytes', () => {
    const bytes = patch(tar([{ name: 'abc' }]), [[0, '\xff\xfe\n']]);
    expect(read(bytes)[0]!.name).toBe('\xff\xfe\n');
    const [entry] = read(tar([{ name: 'a', pax: { path: Buffer.from('\xe9/\xff', 'latin1') } }]));
    expect(entry!.name).toBe('\xe9/\xff');
  });

  it('takes the prefix of a POSIX header, and not what old GNU headers have in its place', () => {
    const posix = patch(tar([{ name: 'name' }]), [[345, 'some/prefix']]);
    expect(read(posix)[0]!.name).toBe('some/prefix/name');
    const gnu = patch(posix, [[257, 'ustar  \0']]);
    expect(read(gnu)[0]!.name).toBe('name');
    const v7 = patch(posix, [[257, '\0'.repeat(8)]]);
    expect(read(v7)[0]!.name).toBe('name');
    const star = patch(posix, [
      [476, '00000000000 00000000000 '],
      [508, 'tar\0'],
    ]);
    expect(read(star)[0]!.name).toBe('some/prefix/name');
  });

  it('takes an old file whose name ends in a slash for a directory', () => {
    expect(read(patch(tar([{ name: 'd/' }]), [[156, '\0']]))[0]!.type).toBe('directory');
  });

  it('reads numbers in base 256', () => {
    const bytes = tar([{ name: 'a', body: 'abc' }]);
    const [entry] = read(
      patch(bytes, [
        [108, base256(3_000_000n, 8)],
        [136, base256(-5n, 12)],
        [124, base256(3n, 12)],
      ]),
    );
    expect(entry).toMatchObject({ uid: 3_000_000, mtimeNs: -5_000_000_000n, size: 3 });
  });

  it('accepts both checksums that were ever in use', () => {
    const bytes = patch(tar([{ name: 'abc' }]), [[0, '\xff\xff']]);
    const header = bytes.subarray(0, 512);
    const sum = header.reduce(
      (total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte > 127 ? byte - 256 : byte),
      0,
    );
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    expect(read(bytes)[0]!.name).toBe('\xff\xffc');
  });

  it('reads GNU long names', () => {
    const member = (type: string, text: string) => {
      const bytes = tar([{ name: '././@LongLink', body: `${text}\0` }]);
      return patch(bytes.subarray(0, -1024), [[156, type]]);
    };
    const bytes = Buffer.concat([
      member('L', 'n'.repeat(600)),
      member('K', 't'.repeat(200)),
      tar([{ name: 'short', type: 'symlink', link: 's' }]),
    ]);
    expect(read(bytes)[0]).toMatchObject({
      name: 'n'.repeat(600),
      linkname: 't'.repeat(200),
      type: 'symlink',
    });
  });

  it('passes over global pax headers', () => {
    const records = tar([{ name: 'g', body: '15 path=not-me\n' }]).subarray(0, -1024);
    const bytes = Buffer.concat([patch(records, [[156, 'g']]), tar([{ name: 'mine' }])]);
    expect(read(bytes).map(({ name }) => name)).toEqual(['mine']);
  });

  it('ends at two blocks of NULs, at one, or at the end between entries, and ignores what follows', () => {
    const entry = tar([{ name: 'a', body: 'b' }]).subarray(0, -1024);
    for (const end of [
      Buffer.alloc(0),
      Buffer.alloc(512),
      Buffer.alloc(1024),
      Buffer.concat([Buffer.alloc(1024), Buffer.from('garbage')]),
    ]) {
      expect(read(Buffer.concat([entry, end]))).toHaveLength(1);
    }
    expect(read(Buffer.alloc(0))).toEqual([]);
  });

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
