import { describe, expect, it } from 'vitest';
import { tar } from '../../fixtures/tar.ts';
import { base256, everything, long, patch, read } from './reading.ts';

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
});
