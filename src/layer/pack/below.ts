import { readSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { S } from '../../../native/constants.ts';
import type { FileStat, Syscalls } from '../../../native/syscalls.ts';
import { hasCode } from '../../errors.ts';
import { toPath } from '../bytes.ts';
import { namesIn, OPEN_DIRECTORY } from '../tree.ts';
import { openBody } from './body.ts';
import { type Place, statAt } from './entry.ts';
import { readXattrs } from './xattr.ts';

/** The tree that another one was a copy of, beside a walk through that one. */
export interface Below {
  /** The walk goes into a directory, of which there may be none of that name here. */
  enter(name: Buffer): void;
  leave(): void;
  /** True when what stands at the place, which the walk has come to, is here as well. */
  has(place: Place, stat: FileStat): boolean;
  /** Names that this directory has and the other one has not, in order. */
  missingIn(directory: number): Buffer[];
  close(): void;
}

const CHUNK = 256 * 1024;

export function createBelow(syscalls: Syscalls, root: number): Below {
  let current = syscalls.openat(root, '.', OPEN_DIRECTORY);
  /** How many directories deep the walk is in what is not here. */
  let away = 0;
  const move = (to: Buffer | string) => {
    const next = syscalls.openat(current, to, OPEN_DIRECTORY);
    syscalls.close(current);
    current = next;
  };
  return {
    enter(name) {
      if (away > 0 || !isThere(() => move(name))) away++;
    },
    leave() {
      if (away > 0) away--;
      else move('..');
    },
    has: (place, stat) => away === 0 && isSame(syscalls, { place, stat }, { ...place, directory: current }),
    missingIn(directory) {
      if (away > 0) return [];
      const there = new Set(namesIn(directory).map((name) => name.toString('latin1')));
      return namesIn(current)
        .filter((name) => !there.has(name.toString('latin1')))
        .sort(Buffer.compare);
    },
    close: () => syscalls.close(current),
  };
}

function isThere(look: () => void): boolean {
  return unlessMissing(() => [look()]) !== undefined;
}

function unlessMissing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
    throw error;
  }
}

/** Times can be set back, so that only the content itself tells. */
function isSame(
  syscalls: Syscalls,
  { place, stat }: { place: Place; stat: FileStat },
  other: Place,
): boolean {
  const known = unlessMissing(() => statAt(syscalls, other));
  if (known === undefined || !isDeepStrictEqual(looksOf(known), looksOf(stat))) return false;
  if (!isDeepStrictEqual(readXattrs(syscalls, place), readXattrs(syscalls, other))) return false;
  const type = stat.mode & S.IFMT;
  if (type === S.IFREG) return isSameContent(syscalls, place, other);
  const link = ({ directory, name }: Place) => syscalls.readlinkat(directory, toPath(name));
  return type !== S.IFLNK || link(place).equals(link(other));
}

function looksOf(stat: FileStat): object {
  const { mode, uid, gid, mtimeNs, rdev } = stat;
  const isDirectory = (mode & S.IFMT) === S.IFDIR;
  return { mode, uid, gid, mtimeNs, rdev, ...(!isDirectory && { size: stat.size, nlink: stat.nlink }) };
}

function isSameContent(syscalls: Syscalls, one: Place, other: Place): boolean {
  const files = [openBody(syscalls, one), openBody(syscalls, other)];
  const [first, second] = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)];
  try {
    for (let at = 0; files[0] && files[1]; ) {
      const length = readSync(files[0].fd, first, 0, CHUNK, at);
      if (readSync(files[1].fd, second, 0, CHUNK, at) !== length) return false;
      if (first.compare(second, 0, length, 0, length) !== 0) return false;
      if (length === 0) return true;
      at += length;
    }
    return false;
  } finally {
    for (const file of files) if (file) syscalls.close(file.fd);
  }
}
