import type { ByteString } from '../bytes.ts';
import type { TarEntry } from './entry.ts';
import type { PaxRecords } from './pax.ts';

/** The largest number that octal digits of a ustar field hold: 7 of them in an ID, 11 in a size or time. */
export const OCTAL = { id: 0o7777777, long: 0o77777777777 } as const;
/** Bytes that a name or link target has room for in the header itself. */
export const NAME_BYTES = 100;

const SECOND = 1_000_000_000n;

/** What a ustar header has no room for (POSIX.1-2017 pax, "pax Extended Header"); none for most entries. */
export function paxRecordsOf(entry: TarEntry): PaxRecords {
  const { name, linkname, uid, gid, size, mtimeNs, xattrs } = entry;
  const records: PaxRecords = [];
  const add = (key: string, value: ByteString | number, isNeeded: boolean) => {
    if (isNeeded) records.push([key, Buffer.from(String(value), 'latin1')]);
  };
  add('path', name, name.length > NAME_BYTES);
  add('linkpath', linkname, linkname.length > NAME_BYTES);
  add('uid', uid, uid > OCTAL.id);
  add('gid', gid, gid > OCTAL.id);
  add('size', size, size > OCTAL.long);
  add('mtime', timeText(mtimeNs), !fitsOctal(mtimeNs));
  for (const [key, value] of [...xattrs].sort(([one], [other]) => (one < other ? -1 : 1))) {
    records.push(xattrRecord(key, value));
  }
  return records;
}

/** `LENGTH KEY=VALUE` and a newline each, where LENGTH counts itself. */
export function encodePax(records: PaxRecords): Buffer {
  return Buffer.concat(
    records.map(([key, value]) => {
      const rest = Buffer.concat([Buffer.from(` ${key}=`, 'latin1'), value, Buffer.from('\n')]);
      let length = rest.length + 1;
      while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
      return Buffer.concat([Buffer.from(String(length)), rest]);
    }),
  );
}

/** As star and GNU tar write it; a name with `=` would end there, and is written as libarchive does. */
function xattrRecord(name: ByteString, value: Buffer): [ByteString, Buffer] {
  if (!name.includes('=')) return [`SCHILY.xattr.${name}`, value];
  const encoded = [...Buffer.from(name, 'latin1')].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[\w.-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  return [`LIBARCHIVE.xattr.${encoded.join('')}`, Buffer.from(value.toString('base64'))];
}

/** Whole seconds, not before 1970. */
function fitsOctal(mtimeNs: bigint): boolean {
  return mtimeNs >= 0n && mtimeNs % SECOND === 0n && mtimeNs / SECOND <= BigInt(OCTAL.long);
}

/** A decimal number of seconds, as exact as it is. */
function timeText(mtimeNs: bigint): string {
  const size = mtimeNs < 0n ? -mtimeNs : mtimeNs;
  const fraction = (size % SECOND).toString().padStart(9, '0').replace(/0+$/, '');
  return `${mtimeNs < 0n ? '-' : ''}${size / SECOND}${fraction && `.${fraction}`}`;
}
