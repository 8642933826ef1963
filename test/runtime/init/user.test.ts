import { describe, expect, it } from 'vitest';
import { S } from '../../../native/constants.ts';
import { SyscallError } from '../../../native/errors.ts';
import { fakeSyscalls } from '../../../native/fake.ts';
import { lookupUser } from '../../../src/runtime/init/user.ts';

const PASSWD =
  'root:x:0:0:root:/root:/bin/sh\nbob:x:1000:100::/home/bob:\n1234:x:0:0::/:\nbroken\nbad:x:-1:0::/:\n';
const GROUP = 'root:x:0:\nusers:x:100:\naudio:x:29:bob,eve\n';

/** A root with these two files; undefined means there is none. */
function lookup(user: string, groups: string[] = [], files: Record<string, string | undefined> = {}) {
  const contents: Record<string, string | undefined> = {
    '/etc/passwd': PASSWD,
    '/etc/group': GROUP,
    ...files,
  };
  const names = Object.keys(contents);
  const sent = new Set<number>();
  const { syscalls } = fakeSyscalls({
    openat2: (_: number, path: string) => {
      if (contents[path] === undefined) throw new SyscallError('openat2', 2, path);
      return names.indexOf(path);
    },
    statx: (fd: number) => ({ mode: S.IFREG, size: contents[names[fd]!]!.length }),
    read: (fd: number) => {
      const rest = sent.has(fd) ? '' : contents[names[fd]!]!;
      sent.add(fd);
      return Buffer.from(rest);
    },
  });
  return lookupUser(syscalls, user, groups);
}

describe('the user of a program', () => {
  it('is root when nobody is named', () => {
    expect(lookup('')).toEqual({ uid: 0, gid: 0, groups: [0], home: '/root' });
  });
  it('is found by name, with primary and supplementary groups', () => {
    expect(lookup('bob')).toEqual({ uid: 1000, gid: 100, groups: [100, 29], home: '/home/bob' });
  });
  it('is found by uid, known or not', () => {
    expect(lookup('1000')).toMatchObject({ uid: 1000, gid: 100 });
    expect(lookup('4711')).toEqual({ uid: 4711, gid: 0, groups: [0], home: '/' });
  });
  it('never takes a number for a name', () => expect(lookup('1234').uid).toBe(1234));
  it('has the group that is named, and then no others', () => {
    expect(lookup('bob:audio')).toMatchObject({ gid: 29, groups: [29] });
    expect(lookup('bob:7')).toMatchObject({ gid: 7, groups: [7] });
  });
  it('gets further groups', () => expect(lookup('bob', ['audio', '5']).groups).toEqual([100, 29, 5]));
  it('needs no files for numbers', () => {
    const none = { '/etc/passwd': undefined, '/etc/group': undefined };
    expect(lookup('5:6', [], none)).toEqual({ uid: 5, gid: 6, groups: [6], home: '/' });
    expect(() => lookup('bob', [], none)).toThrow('unable to find user bob');
  });
  it('is refused when it is not there', () => {
    expect(() => lookup('eve')).toThrow('unable to find user eve: no matching entries in passwd file');
    expect(() => lookup('bob:nogroup')).toThrow('unable to find group nogroup');
    expect(() => lookup('bad')).toThrow('unable to find user bad');
  });
  it('takes the greatest id and none beyond, where ids would wrap around to root', () => {
    expect(lookup('2147483647').uid).toBe(2147483647);
    for (const user of ['2147483648', '4294967296', '4294967297', '99999999999999999999']) {
      expect(() => lookup(user)).toThrow('invalid user id');
    }
  });
  it.each(['-1', '1e3', '0x0', '+1', ' 1'])('takes no %j for a number', (user) => {
    expect(() => lookup(user)).toThrow('unable to find user');
  });
  it.each([':', 'a:', ':1', 'a:b:c'])('refuses %j', (user) => {
    expect(() => lookup(user)).toThrow('invalid user');
  });
});

describe('a user file that is a trap', () => {
  it('is refused when it is no regular file, or a giant', () => {
    for (const stat of [
      { mode: S.IFIFO, size: 0 },
      { mode: S.IFCHR, size: 0 },
      { mode: S.IFREG, size: 2 ** 31 },
    ]) {
      const { syscalls } = fakeSyscalls({ statx: stat });
      expect(() => lookupUser(syscalls, '0', [])).toThrow('is not a regular file');
    }
  });
});
