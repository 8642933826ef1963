import { AT, S } from '../../../native/constants.ts';
import type { FileStat, Syscalls } from '../../../native/syscalls.ts';
import { type ByteString, toPath } from '../bytes.ts';
import type { EntryType, TarEntry } from '../tar/entry.ts';
import { readXattrs } from './xattr.ts';

/** A name in an open directory, and the path that the archive gives it. */
export interface Place {
  directory: number;
  name: ByteString;
  path: ByteString;
}

/** A file's first path, by the file: all further ones become hardlinks to it. */
export type Links = Map<string, ByteString>;

const TYPES: Record<number, EntryType> = {
  [S.IFREG]: 'file',
  [S.IFDIR]: 'directory',
  [S.IFLNK]: 'symlink',
  [S.IFCHR]: 'character',
  [S.IFBLK]: 'block',
  [S.IFIFO]: 'fifo',
};

/** The member for what stands at the place; undefined for sockets, which no archive can hold. */
export function entryOf(
  syscalls: Syscalls,
  place: Place,
  { stat, links }: { stat: FileStat; links: Links },
): TarEntry | undefined {
  const type = TYPES[stat.mode & S.IFMT];
  if (type === undefined) return undefined;
  const target = type === 'directory' ? undefined : firstPath(place, stat, links);
  const entry: TarEntry = {
    name: type === 'directory' ? `${place.path}/` : place.path,
    type,
    mode: stat.mode & 0o7777,
    uid: stat.uid,
    gid: stat.gid,
    size: type === 'file' ? stat.size : 0,
    mtimeNs: stat.mtimeNs,
    linkname: '',
    device: type === 'character' || type === 'block' ? stat.rdev : { major: 0, minor: 0 },
    xattrs: new Map(),
  };
  if (target !== undefined) return { ...entry, type: 'hardlink', size: 0, linkname: target };
  const linkname = type === 'symlink' ? linkAt(syscalls, place) : '';
  return { ...entry, linkname, xattrs: readXattrs(syscalls, place) };
}

/** Undefined for the first of a file's names. */
function firstPath({ path }: Place, { nlink, ino, dev }: FileStat, links: Links): ByteString | undefined {
  if (nlink < 2) return undefined;
  const key = `${dev.major}:${dev.minor}:${ino}`;
  const known = links.get(key);
  if (known === undefined) links.set(key, path);
  return known;
}

function linkAt(syscalls: Syscalls, { directory, name }: Place): ByteString {
  return syscalls.readlinkat(directory, toPath(name)).toString('latin1');
}

/** What is there, never what a symlink leads to. Throws ENOENT when it is gone meanwhile. */
export function statAt(syscalls: Syscalls, { directory, name }: Place): FileStat {
  return syscalls.statx(directory, toPath(name), AT.SYMLINK_NOFOLLOW);
}
