import { AT, AT_FDCWD, O, RESOLVE, S } from '../../../native/constants.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { GockerError, hasCode } from '../../errors.ts';

/** Whom a program runs as. */
export interface Credentials {
  uid: number;
  gid: number;
  /** Supplementary groups, the primary one among them (CVE-2022-36109). */
  groups: number[];
  home: string;
}

/** A file bigger than this is no /etc/passwd but an attack. */
const FILE_MAX = 10 * 1024 * 1024;
const ID_MAX = 2 ** 31 - 1;
const NUMBER = /^\d+$/;

/**
 * Looks up `user[:group]` and more groups in the /etc/passwd and /etc/group of the root we are in: the files are read by
 * us, since libc would load the container's NSS modules (CVE-2019-14271). Throws UNKNOWN_USER or UNKNOWN_GROUP.
 */
export function lookupUser(syscalls: Syscalls, user: string, extraGroups: string[]): Credentials {
  const [name = '', group] = splitUser(user);
  const passwd = parsePasswd(readSmallFile(syscalls, '/etc/passwd'));
  const groupFile = parseGroup(readSmallFile(syscalls, '/etc/group'));
  const entry = findUser(passwd, name);
  const uid = entry?.uid ?? parseId(name, 'user');
  const gid = group === undefined ? (entry?.gid ?? 0) : findGroup(groupFile, group);
  const listed =
    group === undefined && entry ? groupFile.filter((one) => one.members.includes(entry.name)) : [];
  const more = extraGroups.map((extra) => findGroup(groupFile, extra));
  const groups = [...new Set([gid, ...listed.map((one) => one.gid), ...more])];
  return { uid, gid, groups, home: entry?.home || '/' };
}

function splitUser(user: string): [name: string, group?: string] {
  const [name, group, ...rest] = (user === '' ? '0' : user).split(':');
  if (rest.length > 0 || name === '' || group === '') {
    throw new GockerError('INVALID_USER', `invalid user ${JSON.stringify(user)}`, {
      hint: 'a user is NAME or UID, and may be followed by :GROUP or :GID',
    });
  }
  return group === undefined ? [name!] : [name!, group];
}

interface PasswdEntry {
  name: string;
  uid: number;
  gid: number;
  home: string;
}

/** By name first, then by number: a user called `1000` is not uid 1000 (CVE-2016-3697). */
function findUser(passwd: PasswdEntry[], name: string): PasswdEntry | undefined {
  if (NUMBER.test(name)) return passwd.find((entry) => entry.uid === parseId(name, 'user'));
  const found = passwd.find((entry) => entry.name === name);
  if (found) return found;
  throw new GockerError('UNKNOWN_USER', `unable to find user ${name}: no matching entries in passwd file`, {
    hint: 'give a uid, or a name that the image has in /etc/passwd',
  });
}

function findGroup(groups: { name: string; gid: number }[], name: string): number {
  if (NUMBER.test(name)) return parseId(name, 'group');
  const found = groups.find((entry) => entry.name === name);
  if (found) return found.gid;
  throw new GockerError('UNKNOWN_GROUP', `unable to find group ${name}: no matching entries in group file`, {
    hint: 'give a gid, or a name that the image has in /etc/group',
  });
}

/** Digits up to 2^31-1; anything else could wrap around to root (CVE-2024-40635). */
function parseId(text: string, what: string): number {
  const id = NUMBER.test(text) ? Number(text) : Number.NaN;
  if (id <= ID_MAX) return id;
  throw new GockerError('INVALID_USER', `invalid ${what} id ${JSON.stringify(text)}`, {
    hint: `ids are whole numbers from 0 to ${ID_MAX}`,
  });
}

function parsePasswd(text: string): PasswdEntry[] {
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid, , home = ''] = line.split(':');
    return name && isId(uid) && isId(gid) ? [{ name, uid: Number(uid), gid: Number(gid), home }] : [];
  });
}

function parseGroup(text: string): { name: string; gid: number; members: string[] }[] {
  return text.split('\n').flatMap((line) => {
    const [name, , gid, members = ''] = line.split(':');
    return name && isId(gid) ? [{ name, gid: Number(gid), members: members.split(',') }] : [];
  });
}

function isId(text: string | undefined): text is string {
  return text !== undefined && NUMBER.test(text) && Number(text) <= ID_MAX;
}

/** Empty when there is none. Never waits on a fifo, never reads a device, never leaves the root by a magic link. */
function readSmallFile(syscalls: Syscalls, path: string): string {
  let fd: number;
  try {
    const flags = O.RDONLY | O.NONBLOCK | O.NOCTTY | O.CLOEXEC;
    fd = syscalls.openat2(AT_FDCWD, path, { flags, resolve: RESOLVE.NO_MAGICLINKS });
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return '';
    throw error;
  }
  try {
    const { mode, size } = syscalls.statx(fd, '', AT.EMPTY_PATH);
    if ((mode & S.IFMT) === S.IFREG && size <= FILE_MAX) return readAll(syscalls, fd);
    throw new GockerError(
      'INVALID_USER_FILE',
      `${path} in the image is not a regular file of at most ${FILE_MAX} bytes`,
    );
  } finally {
    syscalls.close(fd);
  }
}

function readAll(syscalls: Syscalls, fd: number): string {
  const chunks: Buffer[] = [];
  for (let chunk = syscalls.read(fd, 65536); chunk.length > 0; chunk = syscalls.read(fd, 65536))
    chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
