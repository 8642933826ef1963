/** What one tree of files has that another has not, entry by entry. No link is followed, and two fds are enough. */
import { AT, AT_FDCWD, S } from '../../native/constants.ts';
import type { FileStat, Path, Syscalls } from '../../native/syscalls.ts';
import type { ByteString } from './bytes.ts';
import { type Entry, sameContent, sameFacts } from './compare-entry.ts';
import { changed, inodeOf, namesIn, OPEN_DIRECTORY, walkTree } from './tree.ts';

export interface Difference {
  kind: 'added' | 'changed' | 'deleted';
  /** Relative to the root; of the root itself it is empty. */
  path: ByteString;
  /** What is not the same. */
  what: string;
  /** Of what is there; absent for what was deleted. */
  stat?: FileStat;
}

export interface Comparison {
  syscalls: Syscalls;
  /** Absolute paths of the directories. */
  expected: string;
  found: string;
  /** Reads what files hold; else size and time stand for it. */
  content: boolean;
  /** Directories whose expected time (ns since the epoch) is not before this have it by chance. */
  chanceTimes?: bigint;
}

/** A directory of both trees, as fds or as inodes. */
type Pair<T> = [expected: T, found: T];

interface Frame {
  name: Buffer;
  pending: Buffer[];
  inodes: Pair<bigint>;
}

/**
 * Calls `report` for each difference; what is below an added directory is told too, what is below a deleted one is not.
 * Throws TREE_CHANGED when somebody moves the directory that the comparison is in.
 */
export function compareTrees(comparison: Comparison, report: (difference: Difference) => void): void {
  const { syscalls } = comparison;
  let [one, other] = openBoth(syscalls, [AT_FDCWD, AT_FDCWD], [comparison.expected, comparison.found]);
  const links = new Map<bigint, bigint>();
  const places: string[] = [];
  const stack: Frame[] = [];
  const move = (name: Buffer | string) => {
    const next = openBoth(syscalls, [one, other], [name, name]);
    for (const fd of [one, other]) syscalls.close(fd);
    [one, other] = next;
  };
  const tell = (kind: Difference['kind'], name: Buffer, what: string) => {
    const path = [...places, name.toString('latin1')].join('/');
    report({ kind, path, what, ...(kind !== 'deleted' && { stat: statOf(syscalls, other, name) }) });
  };
  const enter = (name: Buffer) => {
    const inodes = inodesOf(syscalls, [one, other]);
    stack.push({ name, inodes, pending: common(namesIn(one), namesIn(other), tell, added) });
  };
  const added = (name: Buffer) => {
    tell('added', name, 'it is not there');
    if (isDirectory(statOf(syscalls, other, name)))
      reportBelow(
        syscalls,
        { fd: other, name, place: [...places, name.toString('latin1')].join('/') },
        report,
      );
  };
  try {
    differ(comparison, { one, other, name: Buffer.from('.'), links }, (what) =>
      report({ kind: 'changed', path: '', what }),
    );
    enter(Buffer.from('.'));
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const name = frame.pending.pop();
      if (name === undefined) {
        stack.pop();
        places.pop();
        const above = stack.at(-1);
        if (above === undefined) return;
        move('..');
        if (!isSame(inodesOf(syscalls, [one, other]), above.inodes)) throw changed(frame.name);
        continue;
      }
      const both = differ(comparison, { one, other, name, links }, (what) => tell('changed', name, what));
      if (!both) continue;
      move(name);
      places.push(name.toString('latin1'));
      enter(name);
    }
  } finally {
    for (const fd of [one, other]) syscalls.close(fd);
  }
}

function openBoth(syscalls: Syscalls, [one, other]: Pair<number>, [left, right]: Pair<Path>): Pair<number> {
  const first = syscalls.openat(one, left, OPEN_DIRECTORY);
  try {
    return [first, syscalls.openat(other, right, OPEN_DIRECTORY)];
  } catch (error) {
    syscalls.close(first);
    throw error;
  }
}

function inodesOf(syscalls: Syscalls, [one, other]: Pair<number>): Pair<bigint> {
  return [inodeOf(syscalls, one), inodeOf(syscalls, other)];
}

function isSame([one, other]: Pair<bigint>, [left, right]: Pair<bigint>): boolean {
  return one === left && other === right;
}

/** The names that both have; those of one alone are told. */
function common(
  expected: Buffer[],
  found: Buffer[],
  tell: (kind: 'deleted', name: Buffer, what: string) => void,
  added: (name: Buffer) => void,
): Buffer[] {
  const [left, right] = [expected, found].map(
    (names) => new Set(names.map((name) => name.toString('latin1'))),
  );
  for (const name of expected)
    if (!right!.has(name.toString('latin1'))) tell('deleted', name, 'it is missing');
  for (const name of found) if (!left!.has(name.toString('latin1'))) added(name);
  return expected.filter((name) => right!.has(name.toString('latin1')));
}

/** Tells how two entries of the same name differ; true when both are directories. */
function differ(
  comparison: Comparison,
  { one, other, name, links }: { one: number; other: number; name: Buffer; links: Map<bigint, bigint> },
  report: (what: string) => void,
): boolean {
  const { syscalls } = comparison;
  const expected: Entry = { directory: one, name, stat: statOf(syscalls, one, name) };
  const found: Entry = { directory: other, name, stat: statOf(syscalls, other, name) };
  const what = sameFacts(comparison, expected, found) ?? sameLinks(links, expected.stat, found.stat);
  if (what !== undefined) report(what);
  else if (comparison.content && !sameContent(syscalls, expected, found)) report('its content');
  return isDirectory(expected.stat) && isDirectory(found.stat);
}

/** Files that are one file in one tree are one in the other. */
function sameLinks(links: Map<bigint, bigint>, expected: FileStat, found: FileStat): string | undefined {
  if (isDirectory(expected) || (expected.nlink === 1 && found.nlink === 1)) return undefined;
  const known = links.get(expected.ino);
  links.set(expected.ino, known ?? found.ino);
  return known === undefined || known === found.ino ? undefined : 'what it is a link to';
}

function reportBelow(
  syscalls: Syscalls,
  { fd, name, place }: { fd: number; name: Buffer; place: string },
  report: (difference: Difference) => void,
): void {
  const places = [place];
  const top = syscalls.openat(fd, name, OPEN_DIRECTORY);
  try {
    walkTree(syscalls, top, {
      enter(parent, child) {
        const path = [...places, child.toString('latin1')].join('/');
        const stat = statOf(syscalls, parent, child);
        report({ kind: 'added', path, what: 'it is not there', stat });
        const descend = isDirectory(stat);
        if (descend) places.push(child.toString('latin1'));
        return descend;
      },
      leave: () => void places.pop(),
    });
  } finally {
    syscalls.close(top);
  }
}

function statOf(syscalls: Syscalls, directory: number, name: Buffer): FileStat {
  return syscalls.statx(directory, name, AT.SYMLINK_NOFOLLOW);
}

function isDirectory({ mode }: FileStat): boolean {
  return (mode & S.IFMT) === S.IFDIR;
}
