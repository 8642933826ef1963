import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AT, AT_FDCWD, CLONE, LOCK, O, POLL, RESOLVE, S } from '../../native/constants.ts';
import { because, createSyscalls, type Observation, observe, SyscallError } from '../../native/index.ts';

const sys = createSyscalls();
let dir: string;
let root: number;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gocker-native-'));
  root = sys.openat(AT_FDCWD, dir, O.PATH | O.DIRECTORY | O.CLOEXEC);
});
afterEach(() => {
  sys.close(root);
  rmSync(dir, { recursive: true });
});

describe('files', () => {
  it('creates, stats, links and removes relative to a directory', () => {
    sys.mkdirat(root, 'd', 0o750);
    const file = sys.openat(root, 'd/f', O.WRONLY | O.CREAT | O.EXCL | O.CLOEXEC, 0o640);
    expect(sys.write(file, Buffer.from('hello'))).toBe(5);
    sys.fchmod(file, 0o4755);
    sys.close(file);
    sys.linkat(root, 'd/f', root, 'g', 0);
    sys.symlinkat('d/f', root, 's');
    sys.utimensat(root, 'd/f', 1_500_000_000n, 1_700_000_000_123_456_789n, AT.SYMLINK_NOFOLLOW);
    const stat = sys.statx(root, 'g', AT.SYMLINK_NOFOLLOW);
    expect(stat).toMatchObject({ size: 5, nlink: 2, mtimeNs: 1_700_000_000_123_456_789n });
    expect(stat.mode.toString(8)).toBe('104755');
    expect(stat.ino).toBe(statSync(join(dir, 'd/f'), { bigint: true }).ino);
    expect(sys.readlinkat(root, 's').toString()).toBe('d/f');
    sys.unlinkat(root, 'g', 0);
    sys.renameat2(root, 'd', root, 'e', 0);
    expect(readdirSync(dir).sort()).toEqual(['e', 's']);
  });

  it('stats and times the directory behind an fd', () => {
    const open = sys.openat(AT_FDCWD, dir, O.DIRECTORY | O.CLOEXEC);
    sys.utimensat(open, '', 5n, 7n, AT.EMPTY_PATH);
    expect(sys.statx(open, '', AT.EMPTY_PATH).mtimeNs).toBe(7n);
    sys.close(open);
  });

  it('sets times before 1970', () => {
    writeFileSync(join(dir, 'old'), '');
    sys.utimensat(root, 'old', -1n, -1n, 0);
    expect(sys.statx(root, 'old', 0).mtimeNs).toBe(-1n);
  });

  it('carries names that are not UTF-8', () => {
    sys.mkdirat(root, Buffer.from([0x61, 0xff]), 0o755);
    expect(readdirSync(dir, { encoding: 'buffer' })).toEqual([Buffer.from([0x61, 0xff])]);
  });

  it('keeps openat2 inside the root it was given', () => {
    sys.symlinkat('/etc', root, 'escape');
    sys.mkdirat(root, 'etc', 0o755);
    const inside = sys.openat2(root, 'escape', { flags: O.PATH | O.CLOEXEC, resolve: RESOLVE.IN_ROOT });
    expect(sys.statx(inside, '', AT.EMPTY_PATH).ino).toBe(sys.statx(root, 'etc', 0).ino);
    sys.close(inside);
    expect(() =>
      sys.openat2(root, 'escape', { flags: O.PATH | O.CLOEXEC, resolve: RESOLVE.NO_SYMLINKS }),
    ).toThrow(/ELOOP|too many symbolic links/);
  });

  it('locks for one holder at a time', () => {
    const [first, second] = [1, 2].map(() => sys.openat(root, 'lock', O.RDWR | O.CREAT | O.CLOEXEC, 0o600));
    expect(sys.flock(first!, LOCK.EX | LOCK.NB)).toBe(true);
    expect(sys.flock(second!, LOCK.EX | LOCK.NB)).toBe(false);
    sys.close(first!);
    expect(sys.flock(second!, LOCK.EX | LOCK.NB)).toBe(true);
    sys.close(second!);
  });

  it('moves bytes through a pipe and tells when the other end is gone', () => {
    const [reader, writer] = sys.pipe2(O.CLOEXEC);
    expect(sys.poll([{ fd: reader, events: POLL.IN }], 0)).toEqual([0]);
    sys.write(writer, Buffer.from('x'));
    expect(sys.read(reader, 10).toString()).toBe('x');
    sys.close(writer);
    expect(sys.poll([{ fd: reader, events: POLL.IN }], 0)).toEqual([POLL.HUP]);
    sys.close(reader);
  });

  it('makes fifos and reads the file system type', () => {
    sys.mknodat(root, 'fifo', S.IFIFO | 0o600, { major: 0, minor: 0 });
    expect(sys.statx(root, 'fifo', 0).mode & S.IFMT).toBe(S.IFIFO);
    const open = sys.openat(AT_FDCWD, '/proc', O.DIRECTORY | O.CLOEXEC);
    expect(sys.fstatfs(open).type).toBe(0x9fa0);
    sys.close(open);
  });

  it('keeps user attributes as bytes', () => {
    const file = join(dir, 'x');
    writeFileSync(file, '');
    sys.lsetxattr(file, 'user.bytes', Buffer.from([0, 255, 1]), 0);
    expect(sys.llistxattr(file)).toEqual(['user.bytes']);
    expect(sys.lgetxattr(file, 'user.bytes')).toEqual(Buffer.from([0, 255, 1]));
    expect(sys.lgetxattr(file, 'user.none')).toBeUndefined();
  });
});

describe('failures', () => {
  it('name the call, the path and the errno', () => {
    const failing = () => sys.openat(root, 'absent', O.RDONLY);
    expect(failing).toThrow(SyscallError);
    expect(failing).toThrow('openat absent: no such file or directory');
    try {
      failing();
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOENT', errno: 2, call: 'openat', path: 'absent' });
    }
  });

  it('refuse a NUL, which C would take for the end, in paths, arguments and environment', () => {
    expect(() => sys.mkdirat(root, 'a\0b', 0o755)).toThrow('NUL');
    expect(() => sys.mkdirat(root, Buffer.from('a\0b'), 0o755)).toThrow('NUL');
    expect(() => sys.execve('/nonexistent', ['a\0b'], [])).toThrow('NUL');
    expect(() => sys.execve('/nonexistent', ['a'], ['A=\0'])).toThrow('NUL');
    expect(() => sys.execve('/nonexistent', ['a'], [])).toThrow(/ENOENT|no such file/);
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe('the observer', () => {
  it('is told name, words, result, errno and reason of each call', () => {
    const seen: Observation[] = [];
    observe((observation) => seen.push(observation));
    try {
      because('prepare', () => because('make a directory', () => sys.mkdirat(root, 'd', 0o700)));
      expect(() => sys.unshare(CLONE.NEWNS | 0x1)).toThrow();
    } finally {
      observe(undefined);
    }
    sys.mkdirat(root, 'unseen', 0o700);
    expect(seen).toHaveLength(2);
    expect(seen[0]).toMatchObject({
      name: 'mkdirat',
      args: [`fd ${root}`, '"d"', '0700'],
      result: 0,
      reason: 'prepare: make a directory',
      pid: process.pid,
    });
    expect(seen[0]?.durationNs).toBeGreaterThan(0);
    expect(seen[1]).toMatchObject({ args: ['CLONE_NEWNS|0x1'], result: -1, errno: 'EINVAL', reason: '' });
  });
});
