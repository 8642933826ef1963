import { closeSync, constants, openSync } from 'node:fs';
import type { DriverHost, Usage } from '../../../src/driver/index.ts';
import { walkTree } from '../../../src/driver/tree.ts';
import { hasCode } from '../../../src/errors.ts';

const [S_IFMT, S_IFDIR, S_IFREG] = [0o170000, 0o040000, 0o100000];
const AT_SYMLINK_NOFOLLOW = 0x100;

/** Counts a snapshot's own files, hardlinked ones once; what goes meanwhile is not counted. */
export function countFiles({ syscalls }: DriverHost, directory: string): Usage {
  const usage: Usage = { bytes: 0, inodes: 1 };
  const linked = new Set<bigint>();
  const fd = openDirectory(directory);
  if (fd === undefined) return { bytes: 0, inodes: 0 };
  try {
    walkTree(syscalls, fd, {
      enter(parent, name) {
        const { mode, size, nlink, ino } = syscalls.statx(parent, name, AT_SYMLINK_NOFOLLOW);
        const type = mode & S_IFMT;
        if (type === S_IFDIR) usage.inodes++;
        else if (!linked.has(ino)) {
          if (nlink > 1) linked.add(ino);
          usage.inodes++;
          usage.bytes += type === S_IFREG ? size : 0;
        }
        return type === S_IFDIR;
      },
    });
  } catch (error) {
    // Somebody is removing it.
    if (!hasCode(error, 'ENOENT')) throw error;
  } finally {
    closeSync(fd);
  }
  return usage;
}

/** A view has no files of its own. */
function openDirectory(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
