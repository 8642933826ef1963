import type { ByteString } from '../bytes.ts';
import { InvalidLayerError } from '../error.ts';
import type { EntryType, TarEntry, TarLimits } from './entry.ts';
import type { TarHeader } from './header.ts';
import { type PaxRecords, parseInteger, parseTime } from './pax.ts';
import { paxXattrs } from './xattr.ts';

/** What came before a header and is about it. */
export interface Extensions {
  pax: PaxRecords;
  longName?: ByteString;
  longLink?: ByteString;
}

/** A number of 32 bits of which the kernel keeps one (chown(2): -1 changes nothing). */
const MAX_ID = 0xfffffffe;
const MAX_TIME = 2 ** 40;

const TYPES: Record<string, EntryType> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'character',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
};

/** The entry of a header and what came before it. Throws INVALID_LAYER for what cannot be kept on a file system. */
export function buildEntry(header: TarHeader, extensions: Extensions, limits: TarLimits): TarEntry {
  const pax = new Map(extensions.pax.filter(([, value]) => value.length > 0));
  const text = (key: string) => pax.get(key)?.toString('latin1');
  const name = text('path') ?? extensions.longName ?? header.name;
  const type = entryType(header.typeflag, name);
  const linkname = text('linkpath') ?? extensions.longLink ?? header.linkname;
  const isLink = type === 'hardlink' || type === 'symlink';
  return {
    name: checkPath(name, 'path', limits),
    type,
    mode: header.mode & 0o7777,
    uid: checkID(integer(pax, 'uid') ?? header.uid, 'uid'),
    gid: checkID(integer(pax, 'gid') ?? header.gid, 'gid'),
    size: type === 'file' ? checkSize(integer(pax, 'size') ?? header.size) : 0,
    mtimeNs: mtime(text('mtime'), header.mtime),
    linkname: isLink ? checkPath(linkname, 'link target', limits) : '',
    device: header.device,
    xattrs: paxXattrs(extensions.pax),
  };
}

function integer(pax: Map<string, Buffer>, key: string): number | undefined {
  const value = pax.get(key);
  return value === undefined ? undefined : parseInteger(value.toString('latin1'), key);
}

/** Before POSIX a directory was a file whose name ends in a slash. */
function entryType(typeflag: string, name: ByteString): EntryType {
  const type = TYPES[typeflag];
  if (type === undefined) {
    throw new InvalidLayerError(`tar header: entry type ${JSON.stringify(typeflag)} cannot be unpacked`);
  }
  return (typeflag === '0' || typeflag === '\0') && name.endsWith('/') ? 'directory' : type;
}

function checkPath(path: ByteString, what: string, limits: TarLimits): ByteString {
  if (path === '') throw new InvalidLayerError(`tar header: empty ${what}`);
  if (path.includes('\0')) throw new InvalidLayerError(`tar header: NUL in the ${what}`);
  if (path.length > limits.path) {
    throw new InvalidLayerError(`tar header: ${what} of ${path.length} bytes, more than ${limits.path}`);
  }
  return path;
}

function checkID(id: number, what: string): number {
  if (id >= 0 && id <= MAX_ID) return id;
  throw new InvalidLayerError(`tar header: ${what} ${id} is out of range`);
}

function checkSize(size: number): number {
  if (size >= 0) return size;
  throw new InvalidLayerError(`tar header: negative size ${size}`);
}

function mtime(precise: string | undefined, seconds: number): bigint {
  if (precise !== undefined) return parseTime(precise);
  if (Math.abs(seconds) <= MAX_TIME) return BigInt(seconds) * 1_000_000_000n;
  throw new InvalidLayerError(`tar header: mtime ${seconds} is out of range`);
}
