import { type ByteString, basename } from '../bytes.ts';
import type { EntryType, TarEntry } from './entry.ts';
import { BLOCK } from './header.ts';
import { encodePax, NAME_BYTES, OCTAL, paxRecordsOf } from './write-pax.ts';

/** Two blocks of NULs end an archive. */
export const END_OF_ARCHIVE = Buffer.alloc(2 * BLOCK);

const FLAGS: Record<EntryType, string> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
};

interface Fields extends Omit<TarEntry, 'type' | 'xattrs' | 'sparse'> {
  flag: string;
}

/**
 * The header of a member, with the pax header before it that it may need (POSIX.1-2017 pax, "ustar Interchange Format").
 * Names are written as the bytes they are. The `size` bytes of a file follow, and `paddingOf(size)`.
 */
export function writeHeader(entry: TarEntry): Buffer {
  const own = block({ ...entry, flag: FLAGS[entry.type] });
  const records = paxRecordsOf(entry);
  if (records.length === 0) return own;
  const pax = encodePax(records);
  return Buffer.concat([block(paxFields(entry.name, pax.length)), pax, paddingOf(pax.length), own]);
}

/** What fills a member's last block. */
export function paddingOf(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** Says nothing that depends on when and by whom it is written. */
function paxFields(name: ByteString, size: number): Fields {
  const none = { uid: 0, gid: 0, mtimeNs: 0n, linkname: '', device: { major: 0, minor: 0 } };
  return { ...none, name: `PaxHeaders/${basename(name.replace(/\/$/, ''))}`, mode: 0o644, size, flag: 'x' };
}

function block(fields: Fields): Buffer {
  const header = Buffer.alloc(BLOCK);
  const text = (value: ByteString, at: number, width: number) => header.write(value, at, width, 'latin1');
  /** What does not fit is told by a pax record. */
  const octal = (value: number, at: number, width: number, most: number) =>
    text(`${(value >= 0 && value <= most ? value : 0).toString(8).padStart(width - 1, '0')}\0`, at, width);
  text(fields.name, 0, NAME_BYTES);
  octal(fields.mode, 100, 8, OCTAL.id);
  octal(fields.uid, 108, 8, OCTAL.id);
  octal(fields.gid, 116, 8, OCTAL.id);
  octal(fields.size, 124, 12, OCTAL.long);
  octal(Number(fields.mtimeNs / 1_000_000_000n), 136, 12, OCTAL.long);
  text(fields.flag, 156, 1);
  text(fields.linkname, 157, NAME_BYTES);
  text('ustar\x0000', 257, 8);
  octal(fields.device.major, 329, 8, OCTAL.id);
  octal(fields.device.minor, 337, 8, OCTAL.id);
  text(`${checksum(header).toString(8).padStart(6, '0')}\0 `, 148, 8);
  return header;
}

/** The sum of all bytes, its own eight taken for spaces, which are NULs yet. */
function checksum(header: Buffer): number {
  return header.reduce((sum, byte) => sum + byte, 8 * 0x20);
}
