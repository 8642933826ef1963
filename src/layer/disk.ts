import { AT, AT_FDCWD, S } from '../../native/constants.ts';
import type { FileStat, Path, Syscalls } from '../../native/syscalls.ts';
import { hasCode } from '../errors.ts';
import { OPEN_DIRECTORY, walkTree } from './tree.ts';

const BLOCK = 512;

/** Adds up what files take on the disk, as du(1) does: a file with several names counts once, with the first of them. */
export interface DiskMeter {
  /** Bytes of the name and of everything below it, directories too, that is not gone meanwhile. No link is followed. */
  measure(path: Path): number;
}

/** One meter counts each file once, whatever it is asked for. */
export function createDiskMeter(syscalls: Syscalls): DiskMeter {
  const seen = new Set<string>();
  const bytesOf = (stat: FileStat): number => {
    if (stat.nlink > 1 && (stat.mode & S.IFMT) !== S.IFDIR) {
      const key = `${stat.dev.major}:${stat.dev.minor}:${stat.ino}`;
      if (seen.has(key)) return 0;
      seen.add(key);
    }
    return stat.blocks * BLOCK;
  };
  return { measure: (path) => measure(syscalls, path, bytesOf) };
}

function measure(syscalls: Syscalls, path: Path, bytesOf: (stat: FileStat) => number): number {
  const top = statIfThere(syscalls, AT_FDCWD, path);
  if (top === undefined) return 0;
  let bytes = bytesOf(top);
  if (!isDirectory(top)) return bytes;
  const fd = openIfThere(syscalls, path);
  if (fd === undefined) return bytes;
  try {
    walkTree(syscalls, fd, {
      enter(parent, name) {
        const stat = statIfThere(syscalls, parent, name);
        bytes += stat === undefined ? 0 : bytesOf(stat);
        return stat !== undefined && isDirectory(stat);
      },
    });
  } catch (error) {
    // Somebody is removing it.
    if (!hasCode(error, 'ENOENT')) throw error;
  } finally {
    syscalls.close(fd);
  }
  return bytes;
}

function isDirectory({ mode }: FileStat): boolean {
  return (mode & S.IFMT) === S.IFDIR;
}

function statIfThere(syscalls: Syscalls, directory: number, name: Path): FileStat | undefined {
  try {
    return syscalls.statx(directory, name, AT.SYMLINK_NOFOLLOW);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

function openIfThere(syscalls: Syscalls, path: Path): number | undefined {
  try {
    return syscalls.openat(AT_FDCWD, path, OPEN_DIRECTORY);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
