/** Archives to read, whole or changed, and what a reader saw of them. */
import { expect } from 'vitest';
import { TAR_LIMITS, type TarEntry, type TarLimits } from '../../../src/layer/tar/entry.ts';
import { TarReader } from '../../../src/layer/tar/reader.ts';
import type { Entry } from '../../fixtures/tar.ts';

interface Seen extends TarEntry {
  body: Buffer;
}

export function read(
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
export function patch(bytes: Buffer, fields: [offset: number, value: Buffer | string][], at = 0): Buffer {
  const copy = Buffer.from(bytes);
  const header = copy.subarray(at, at + 512);
  for (const [offset, value] of fields) Buffer.from(value as string, 'latin1').copy(header, offset);
  header.write('        ', 148, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return copy;
}

export function base256(value: bigint, width: number): Buffer {
  const bytes = Buffer.alloc(width);
  let rest = BigInt.asUintN(width * 8, value);
  for (let at = width - 1; at >= 0; at--) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  bytes[0] = bytes[0]! | 0x80;
  return bytes;
}

export const long = 'p/'.repeat(150);
export const everything: Entry[] = [
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
