import { AT, O, S } from '../../../native/constants.ts';
import type { FileStat, Syscalls } from '../../../native/syscalls.ts';
import { OPEN_DIRECTORY, removeTree, treeSteps } from '../tree.ts';
import { copyContent } from './file.ts';
import { copyLooks, type Name } from './looks.ts';

/** Hardlinks are made from here, since the first name of a file may be too deep to be reached by a path. */
const LINKS = Buffer.from('.gocker-links');

interface Copying {
  syscalls: Syscalls;
  /** The target's directory of first names, open. */
  links: number;
  known: Set<string>;
}

/**
 * Copies all below one open directory into another, empty one, and the first one's own looks: content (reflinks where the
 * file system has them), holes, owners, modes, times, attributes, hardlinks, devices; sockets are left out. Throws
 * TREE_CHANGED when directories are moved meanwhile, and what the file system says.
 */
export function copyTree(syscalls: Syscalls, from: number, to: number): void {
  syscalls.mkdirat(to, LINKS, 0o700);
  const links = syscalls.openat(to, LINKS, OPEN_DIRECTORY);
  try {
    copyAll({ syscalls, links, known: new Set() }, from, to);
  } finally {
    syscalls.close(links);
  }
  removeTree(syscalls, to, LINKS);
  const [root, stat] = [Buffer.from('.'), syscalls.statx(from, '', AT.EMPTY_PATH)];
  copyLooks(syscalls, { directory: from, name: root, stat }, { directory: to, name: root });
}

function copyAll(copying: Copying, from: number, to: number): void {
  const { syscalls } = copying;
  let target = syscalls.openat(to, '.', OPEN_DIRECTORY);
  const move = (name: Buffer | string) => {
    const next = syscalls.openat(target, name, OPEN_DIRECTORY);
    syscalls.close(target);
    target = next;
  };
  const steps = treeSteps(syscalls, from);
  let goInto: boolean | undefined;
  try {
    for (let next = steps.next(); !next.done; next = steps.next(goInto)) {
      const { kind, directory, name } = next.value;
      const stat = syscalls.statx(directory, name, AT.SYMLINK_NOFOLLOW);
      if (kind === 'leave') move('..');
      else copyOne(copying, { directory, name, stat }, { directory: target, name });
      goInto = kind === 'enter' && (stat.mode & S.IFMT) === S.IFDIR;
      if (kind === 'leave') copyLooks(syscalls, { directory, name, stat }, { directory: target, name });
      if (goInto) move(name);
    }
  } finally {
    steps.return();
    syscalls.close(target);
  }
}

/** A directory gets its looks when all is in it. */
function copyOne(copying: Copying, from: Name & { stat: FileStat }, to: Name): void {
  const { syscalls } = copying;
  const type = from.stat.mode & S.IFMT;
  if (type === S.IFSOCK) return;
  if (type === S.IFDIR) {
    syscalls.mkdirat(to.directory, to.name, 0o700);
    return;
  }
  if (isLinked(copying, from, to)) return;
  make(syscalls, from, to);
  copyLooks(syscalls, from, to);
  if (from.stat.nlink > 1) keepName(copying, from, to);
}

function make(syscalls: Syscalls, { directory, name, stat }: Name & { stat: FileStat }, to: Name): void {
  const type = stat.mode & S.IFMT;
  if (type === S.IFLNK) syscalls.symlinkat(syscalls.readlinkat(directory, name), to.directory, to.name);
  else if (type === S.IFREG) makeFile(syscalls, { directory, name, stat }, to);
  else syscalls.mknodat(to.directory, to.name, type | 0o600, stat.rdev);
}

function makeFile(syscalls: Syscalls, { directory, name, stat }: Name & { stat: FileStat }, to: Name): void {
  const fd = syscalls.openat(directory, name, O.RDONLY | O.NOFOLLOW | O.NONBLOCK | O.CLOEXEC);
  try {
    syscalls.close(copyContent(syscalls, { fd, size: stat.size }, to));
  } finally {
    syscalls.close(fd);
  }
}

const keyOf = ({ dev, ino }: FileStat) => `${dev.major}-${dev.minor}-${ino}`;

/** False for the first name of a file. */
function isLinked({ syscalls, links, known }: Copying, { stat }: { stat: FileStat }, to: Name): boolean {
  if (!known.has(keyOf(stat))) return false;
  syscalls.linkat(links, keyOf(stat), to.directory, to.name, 0);
  return true;
}

function keepName({ syscalls, links, known }: Copying, { stat }: { stat: FileStat }, to: Name): void {
  syscalls.linkat(to.directory, to.name, links, keyOf(stat), 0);
  known.add(keyOf(stat));
}
