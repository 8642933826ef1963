import { readlinkSync } from 'node:fs';
import { AT, O, RESOLVE, S } from '../../../native/constants.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { hasCode } from '../../errors.ts';
import { type ByteString, basename, dirname, join, normalise, show, toPath } from '../bytes.ts';
import { InvalidLayerError } from '../error.ts';
import { OPEN_DIRECTORY } from '../tree.ts';
import type { Own } from './own.ts';

const OPEN_PARENT = O.PATH | O.DIRECTORY | O.CLOEXEC;
const IN_ROOT = RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS;
const KEPT = 64;
const MAX_LINKS = 40;

export interface ParentsOptions {
  syscalls: Syscalls;
  root: number;
  own: Own | undefined;
  /** Told of each directory that had to be made, by its real path. */
  onImplied(path: ByteString): void;
}

/** Directories by path, as fds; symlinks in the path are followed inside the root only (openat2(2), RESOLVE_IN_ROOT). */
export interface Parents {
  /** The directory, made with what is missing of its path. The fd stays the cache's. */
  get(path: ByteString): number;
  /** The directory if it is there. */
  find(path: ByteString): number | undefined;
  /** To be called when a directory or symlink was removed: paths may lead elsewhere now. */
  forget(): void;
}

export function createParents(options: ParentsOptions): Parents {
  const { syscalls, root } = options;
  const cache = new Map<ByteString, number>();
  /** The one asked for last: most entries are beside the one before. */
  let last: { path: ByteString; fd: number } | undefined;

  /** The least recently used one goes: an fd stays good while a few others are asked for. */
  function keep(path: ByteString, fd: number): number {
    cache.delete(path);
    cache.set(path, fd);
    last = { path, fd };
    if (cache.size > KEPT) {
      const [oldest, oldestFd] = cache.entries().next().value!;
      cache.delete(oldest);
      syscalls.close(oldestFd);
    }
    return fd;
  }

  function find(path: ByteString): number | undefined {
    if (path === '') return root;
    if (path === last?.path) return last.fd;
    const known = cache.get(path);
    if (known !== undefined) return keep(path, known);
    try {
      return keep(path, openParent(options, path));
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
      throw error;
    }
  }

  return {
    find,
    get(path) {
      const found = find(path);
      if (found !== undefined) return found;
      make(options, path, MAX_LINKS);
      return keep(path, openParent(options, path));
    },
    forget() {
      for (const fd of cache.values()) syscalls.close(fd);
      cache.clear();
      last = undefined;
    },
  };
}

/** The real path of a directory below the root, symlinks resolved. Throws INVALID_LAYER where no path is long enough. */
export function realPath(root: number, directory: number): ByteString {
  const [base, path] = [readLink(root), readLink(directory)];
  return path.slice(base.length + 1);
}

function readLink(fd: number): ByteString {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`, { encoding: 'latin1' as BufferEncoding });
  } catch (error) {
    if (!hasCode(error, 'ENAMETOOLONG')) throw error;
    throw new InvalidLayerError('its directories are nested deeper than a path can be long');
  }
}

function openParent({ syscalls, root }: ParentsOptions, path: ByteString): number {
  return syscalls.openat2(root, toPath(path || '.'), { flags: OPEN_PARENT, resolve: IN_ROOT });
}

/** Makes the directories of a path that are missing, from the top; where a symlink points to nothing, its target. */
function make(options: ParentsOptions, path: ByteString, linksLeft: number): void {
  let made = '';
  for (const part of path.split('/')) {
    made = join(made, part);
    const parent = openParent(options, dirname(made));
    try {
      const aim = makeOne(options, { parent, path: made });
      if (aim === undefined || aim === '') continue;
      if (linksLeft === 0) throw new InvalidLayerError(`too many symlinks on the way to ${show(path)}`);
      make(options, aim, linksLeft - 1);
    } finally {
      options.syscalls.close(parent);
    }
  }
}

interface Spot {
  parent: number;
  path: ByteString;
}

/** Makes one directory unless it is there; where a symlink is in its place, returns what that points to. */
function makeOne(options: ParentsOptions, spot: Spot): ByteString | undefined {
  const { syscalls } = options;
  const name = toPath(basename(spot.path));
  try {
    syscalls.mkdirat(spot.parent, name, 0o755);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return overcome(options, spot);
    throw error;
  }
  const fd = syscalls.openat(spot.parent, name, OPEN_DIRECTORY);
  try {
    syscalls.fchmod(fd, 0o755);
    syscalls.fchownat(fd, '', 0, 0, AT.EMPTY_PATH);
    options.own?.remember(fd, '');
    options.onImplied(realPath(options.root, fd));
  } finally {
    syscalls.close(fd);
  }
  return undefined;
}

/** What is there already: a directory is fine, a symlink is followed, a file of a lower layer makes way. */
function overcome(options: ParentsOptions, { parent, path }: Spot): ByteString | undefined {
  const { syscalls, own, root } = options;
  const name = toPath(basename(path));
  const stat = syscalls.statx(parent, name, AT.SYMLINK_NOFOLLOW);
  const type = stat.mode & S.IFMT;
  if (type === S.IFDIR) return undefined;
  if (type === S.IFLNK) {
    const target = syscalls.readlinkat(parent, name).toString('latin1');
    return normalise(target.startsWith('/') ? target : `${realPath(root, parent)}/${target}`);
  }
  if (own === undefined || own.has(parent, name, stat))
    throw new InvalidLayerError(`${show(path)} is not a directory`);
  syscalls.unlinkat(parent, name, 0);
  return makeOne(options, { parent, path });
}
