import { describe, expect, it } from 'vitest';
import type { TarEntry } from '../../../src/layer/tar/entry.ts';
import { TarReader } from '../../../src/layer/tar/reader.ts';
import { END_OF_ARCHIVE, paddingOf, writeHeader } from '../../../src/layer/tar/write.ts';

const PLAIN: TarEntry = {
  name: 'a/b',
  type: 'file',
  mode: 0o4755,
  uid: 1,
  gid: 2,
  size: 0,
  mtimeNs: 1_700_000_000n * 1_000_000_000n,
  linkname: '',
  device: { major: 0, minor: 0 },
  xattrs: new Map(),
};

/** What our own reader makes of an archive of the one member. */
function readBack(entry: TarEntry): TarEntry {
  const seen: TarEntry[] = [];
  const reader = new TarReader({ entry: (one) => seen.push(one), data: () => {}, close: () => {} });
  reader.write(writeHeader(entry));
  for (let left = entry.size; left > 0; left -= 2 ** 20) reader.write(Buffer.alloc(Math.min(left, 2 ** 20)));
  reader.write(paddingOf(entry.size));
  reader.write(END_OF_ARCHIVE);
  reader.end();
  expect(seen).toHaveLength(1);
  return seen[0]!;
}

describe('writeHeader', () => {
  const cases: [what: string, entry: Partial<TarEntry>][] = [
    ['a plain file', {}],
    ['a name of 100 bytes', { name: 'n'.repeat(100) }],
    ['a longer name', { name: `${'d'.repeat(255)}/${'n'.repeat(255)}` }],
    ['a name that is not UTF-8', { name: 'caf\xe9\xff' }],
    ['a long name that is not UTF-8', { name: '\xe9\x80'.repeat(90) }],
    ['the largest owner', { uid: 2 ** 31, gid: 4_294_967_294 }],
    ['owners at the limit of octal', { uid: 0o7777777, gid: 0o10000000 }],
    ['a time to the nanosecond', { mtimeNs: 1_700_000_000_123_456_789n }],
    ['a time before 1970', { mtimeNs: -1_250_000_000n }],
    ['a time after 2242', { mtimeNs: 9_000_000_000n * 1_000_000_000n }],
    ['a size', { size: 700 }],
    ['a symlink to a long target', { type: 'symlink', linkname: `/${'t'.repeat(400)}` }],
    ['a hardlink', { type: 'hardlink', linkname: 'a/c' }],
    ['a device', { type: 'block', device: { major: 259, minor: 1_048_575 } }],
    ['a fifo', { type: 'fifo' }],
    ['a directory', { type: 'directory', name: 'a/b/' }],
    [
      'attributes of any bytes',
      {
        xattrs: new Map([
          ['security.capability', Buffer.from([0, 10, 61, 255])],
          ['user.', Buffer.from('no name')],
          ['user.caf\xe9', Buffer.from('not UTF-8')],
          ['user.a=b %', Buffer.from('an equals sign')],
        ]),
      },
    ],
  ];

  it.each(cases)('%s', (_, part) => {
    const entry = { ...PLAIN, ...part };
    expect(readBack(entry)).toEqual(entry);
  });

  it('needs no pax header for what ustar can say, and no more than one for the rest', () => {
    expect(writeHeader(PLAIN)).toHaveLength(512);
    expect(writeHeader({ ...PLAIN, uid: 2 ** 31, mtimeNs: 1n })).toHaveLength(3 * 512);
  });

  it('tells sizes of 8 GiB and more', () => {
    const text = writeHeader({ ...PLAIN, size: 2 ** 40 }).toString('latin1');
    expect(text).toContain(' size=1099511627776\n');
    expect(writeHeader({ ...PLAIN, size: 0o77777777777 })).toHaveLength(512);
  });
});
