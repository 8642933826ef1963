import { readSync } from 'node:fs';
import { O, S } from '../../native/constants.ts';
import type { FileStat, Syscalls } from '../../native/syscalls.ts';
import { isTaken } from './apply/xattr.ts';

/** A name in a directory, and what it stands for. */
export interface Entry {
  directory: number;
  name: Buffer;
  stat: FileStat;
}

interface Facts {
  syscalls: Syscalls;
  chanceTimes?: bigint;
}

/** What an opaque directory is marked by; overlayfs's other attributes are bookkeeping. */
const OPAQUE = 'trusted.overlay.opaque';
const PIECE = 1024 * 1024;

/** What is not the same of all but the content; undefined when all is. */
export function sameFacts(facts: Facts, expected: Entry, found: Entry): string | undefined {
  const [one, other] = [expected.stat, found.stat];
  const type = one.mode & S.IFMT;
  if (type !== (other.mode & S.IFMT)) return 'its type';
  if (one.mode !== other.mode) return 'its mode';
  if (one.uid !== other.uid || one.gid !== other.gid) return 'its owner';
  if (type === S.IFREG && one.size !== other.size) return 'its size';
  if (one.rdev.major !== other.rdev.major || one.rdev.minor !== other.rdev.minor) return 'its device';
  if (type === S.IFLNK && !targetOf(facts, expected).equals(targetOf(facts, found))) return 'its target';
  if (one.mtimeNs !== other.mtimeNs && !isByChance(facts, one)) return 'its time';
  return sameAttributes(facts, expected, found) ? undefined : 'its attributes';
}

/** Directories and whiteouts that nothing describes have the time at which they were made. */
function isByChance({ chanceTimes }: Facts, { mode, mtimeNs, rdev }: FileStat): boolean {
  if (chanceTimes === undefined || mtimeNs < chanceTimes) return false;
  const type = mode & S.IFMT;
  return type === S.IFDIR || (type === S.IFCHR && rdev.major === 0 && rdev.minor === 0);
}

function targetOf({ syscalls }: Facts, { directory, name }: Entry): Buffer {
  return syscalls.readlinkat(directory, name);
}

function sameAttributes(facts: Facts, expected: Entry, found: Entry): boolean {
  const [one, other] = [attributesOf(facts, expected), attributesOf(facts, found)];
  return one.size === other.size && [...one].every(([name, value]) => other.get(name) === value);
}

function attributesOf({ syscalls }: Facts, { directory, name }: Entry): Map<string, string | undefined> {
  const path = Buffer.concat([Buffer.from(`/proc/self/fd/${directory}/`), name]);
  const names = syscalls.llistxattr(path).filter((one) => isTaken(one) || one === OPAQUE);
  return new Map(names.map((one) => [one, syscalls.lgetxattr(path, one)?.toString('latin1')]));
}

/** True for what is no regular file, too. */
export function sameContent(syscalls: Syscalls, expected: Entry, found: Entry): boolean {
  if ((expected.stat.mode & S.IFMT) !== S.IFREG) return true;
  const fds = [expected, found].map(({ directory, name }) =>
    syscalls.openat(directory, name, O.RDONLY | O.NOFOLLOW | O.CLOEXEC),
  ) as [number, number];
  try {
    return sameBytes(...fds);
  } finally {
    for (const fd of fds) syscalls.close(fd);
  }
}

const [left, right] = [Buffer.allocUnsafeSlow(PIECE), Buffer.allocUnsafeSlow(PIECE)];

function sameBytes(one: number, other: number): boolean {
  for (let position = 0; ; ) {
    const length = readSync(one, left, 0, PIECE, position);
    if (length !== readSync(other, right, 0, PIECE, position)) return false;
    if (!left.subarray(0, length).equals(right.subarray(0, length))) return false;
    if (length === 0) return true;
    position += length;
  }
}
