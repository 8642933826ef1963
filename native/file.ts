import { bind } from './bind.ts';
import { AT, LOCK, O, RENAME } from './constants.ts';
import { decodeStat } from './stat.ts';
import type { FileCalls } from './syscalls.ts';
import { fd, flags, long, memory, mode, number, path, size, unsigned } from './words.ts';

const atFlags = flags('AT_', AT);
const oFlags = flags('O_', O);

const calls = {
  openat2: bind({ name: 'openat2', number: 437, parameters: [fd, path, memory, size] }),
  openat: bind({ name: 'openat', parameters: [fd, path, oFlags, mode], restart: true }),
  close: bind({ name: 'close', parameters: [fd] }),
  mkdirat: bind({ name: 'mkdirat', parameters: [fd, path, mode] }),
  mknodat: bind({ name: 'mknodat', parameters: [fd, path, mode, { ...size, type: 'uint64' }] }),
  symlinkat: bind({ name: 'symlinkat', parameters: [{ ...path, subject: false }, fd, path] }),
  linkat: bind({ name: 'linkat', parameters: [fd, path, fd, path, atFlags] }),
  unlinkat: bind({ name: 'unlinkat', parameters: [fd, path, atFlags] }),
  renameat2: bind({
    name: 'renameat2',
    number: [316, 276],
    parameters: [fd, path, fd, path, flags('RENAME_', RENAME)],
  }),
  readlinkat: bind({ name: 'readlinkat', parameters: [fd, path, memory, size] }),
  fchmod: bind({ name: 'fchmod', parameters: [fd, mode] }),
  fchmodat: bind({ name: 'fchmodat', parameters: [fd, path, mode, number] }),
  fchownat: bind({ name: 'fchownat', parameters: [fd, path, unsigned, unsigned, atFlags] }),
  utimensat: bind({ name: 'utimensat', number: [280, 88], parameters: [fd, path, memory, atFlags] }),
  statx: bind({ name: 'statx', number: [332, 291], parameters: [fd, path, atFlags, unsigned, memory] }),
  fstatfs: bind({ name: 'fstatfs', parameters: [fd, memory] }),
  ftruncate: bind({ name: 'ftruncate', parameters: [fd, { ...long, type: 'int64' }] }),
  write: bind({ name: 'write', parameters: [fd, memory, size], restart: true }),
  read: bind({ name: 'read', parameters: [fd, memory, size], restart: true }),
  fsync: bind({ name: 'fsync', parameters: [fd] }),
  flock: bind({ name: 'flock', parameters: [fd, flags('LOCK_', LOCK)], restart: true }),
  fcntl: bind({ name: 'fcntl', parameters: [fd, number, long] }),
  dup3: bind({ name: 'dup3', parameters: [fd, fd, oFlags] }),
  pipe2: bind({ name: 'pipe2', parameters: [memory, oFlags] }),
  close_range: bind({ name: 'close_range', number: 436, parameters: [unsigned, unsigned, unsigned] }),
  memfd_create: bind({ name: 'memfd_create', parameters: [path, unsigned] }),
  poll: bind({ name: 'poll', parameters: [memory, size, number], restart: true }),
  chdir: bind({ name: 'chdir', parameters: [path] }),
  fchdir: bind({ name: 'fchdir', parameters: [fd] }),
  chroot: bind({ name: 'chroot', parameters: [path] }),
  umask: bind({ name: 'umask', parameters: [mode] }),
};

const STATX_BASIC_AND_MOUNT_ID = 0x17ff;
const NANO = 1_000_000_000n;
const PATH_MAX = 4096;

function encodeHow(how: { flags: number; mode?: number; resolve?: number }): Buffer {
  const buffer = Buffer.alloc(24);
  buffer.writeBigUInt64LE(BigInt(how.flags), 0);
  buffer.writeBigUInt64LE(BigInt(how.mode ?? 0), 8);
  buffer.writeBigUInt64LE(BigInt(how.resolve ?? 0), 16);
  return buffer;
}

/** The kernel's encoding of a device number (include/uapi/linux/kdev_t.h, as glibc's makedev(3)). */
function makedev({ major, minor }: { major: number; minor: number }): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return (
    ((high & 0xfffff000n) << 32n) | ((low & 0xffffff00n) << 12n) | ((high & 0xfffn) << 8n) | (low & 0xffn)
  );
}

/** Two of `struct timespec`, the same memory each time: a layer has a hundred thousand times to set. */
const TIMES = new BigInt64Array(4);
const TIMES_BYTES = Buffer.from(TIMES.buffer);

function times(atimeNs: bigint, mtimeNs: bigint): Buffer {
  putTime(0, atimeNs);
  putTime(2, mtimeNs);
  return TIMES_BYTES;
}

function putTime(at: number, nanoseconds: bigint): void {
  const part = ((nanoseconds % NANO) + NANO) % NANO;
  TIMES[at] = (nanoseconds - part) / NANO;
  TIMES[at + 1] = part;
}

function writeAll(target: number, data: Buffer): number {
  let written = 0;
  while (written < data.length) {
    const rest = data.subarray(written);
    written += calls.write(target, rest, rest.length);
  }
  return written;
}

function pollAll(fds: { fd: number; events: number }[], timeoutMs: number): number[] {
  const buffer = Buffer.alloc(8 * fds.length);
  fds.forEach((entry, at) => {
    buffer.writeInt32LE(entry.fd, 8 * at);
    buffer.writeInt16LE(entry.events, 8 * at + 4);
  });
  calls.poll(buffer, fds.length, timeoutMs);
  return fds.map((_, at) => buffer.readInt16LE(8 * at + 6));
}

function tryFlock(target: number, operation: number): boolean {
  try {
    calls.flock(target, operation);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'EAGAIN') return false;
    throw error;
  }
}

export const fileCalls: FileCalls = {
  openat2: (dirfd, name, how) => calls.openat2(dirfd, name, encodeHow(how), 24),
  openat: (dirfd, name, openFlags, permissions = 0) => calls.openat(dirfd, name, openFlags, permissions),
  close: (target) => void calls.close(target),
  mkdirat: (dirfd, name, permissions) => void calls.mkdirat(dirfd, name, permissions),
  mknodat: (dirfd, name, type, rdev) => void calls.mknodat(dirfd, name, type, makedev(rdev)),
  symlinkat: (target, dirfd, name) => void calls.symlinkat(target, dirfd, name),
  linkat: (...args) => void calls.linkat(...args),
  unlinkat: (...args) => void calls.unlinkat(...args),
  renameat2: (...args) => void calls.renameat2(...args),
  readlinkat: (dirfd, name) => {
    const buffer = Buffer.alloc(PATH_MAX);
    return buffer.subarray(0, calls.readlinkat(dirfd, name, buffer, buffer.length));
  },
  fchmod: (target, permissions) => void calls.fchmod(target, permissions),
  fchmodat: (dirfd, name, permissions) => void calls.fchmodat(dirfd, name, permissions, 0),
  fchownat: (...args) => void calls.fchownat(...args),
  utimensat: (dirfd, name, atimeNs, mtimeNs, at) =>
    void calls.utimensat(dirfd, name, times(atimeNs, mtimeNs), at),
  statx: (dirfd, name, at) => {
    const buffer = Buffer.alloc(256);
    calls.statx(dirfd, name, at, STATX_BASIC_AND_MOUNT_ID, buffer);
    return decodeStat(buffer);
  },
  fstatfs: (target) => {
    const buffer = Buffer.alloc(120);
    calls.fstatfs(target, buffer);
    const field = (at: number) => Number(buffer.readBigInt64LE(at));
    return { type: field(0), bsize: field(8), blocks: field(16), bavail: field(32), ffree: field(48) };
  },
  ftruncate: (target, length) => void calls.ftruncate(target, length),
  write: writeAll,
  read: (target, length) => {
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, calls.read(target, buffer, length));
  },
  fsync: (target) => void calls.fsync(target),
  flock: tryFlock,
  fcntl: (target, command, argument) => calls.fcntl(target, command, argument),
  dup3: (oldFd, newFd, openFlags) => calls.dup3(oldFd, newFd, openFlags),
  pipe2: (openFlags) => {
    const buffer = Buffer.alloc(8);
    calls.pipe2(buffer, openFlags);
    return [buffer.readInt32LE(0), buffer.readInt32LE(4)];
  },
  close_range: (first, last, closeFlags) => void calls.close_range(first, last, closeFlags),
  poll: pollAll,
  memfd_create: (name, memfdFlags) => calls.memfd_create(name, memfdFlags),
  getcwd: () => process.cwd(),
  chdir: (name) => void calls.chdir(name),
  fchdir: (target) => void calls.fchdir(target),
  chroot: (directory) => void calls.chroot(directory),
  umask: (mask) => calls.umask(mask),
};
