/**
 * Every kernel call that gocker makes, as one interface: the real one (`native/index.ts`) calls libc through koffi, the
 * fake (`native/fake.ts`) records. All calls are synchronous and act on the calling thread. A call that fails throws
 * a SyscallError with the errno's name and the path it was about; results are plain numbers, Buffers and objects.
 * Each method's rules are in the man page of the same name (section 2 unless said).
 */

/** A path or a name. A Buffer carries bytes that are not UTF-8; neither may hold a NUL, and a Buffer needs no final one. */
export type Path = string | Buffer;

/** openat2(2)'s `struct open_how`; numbers from `native/constants.ts`. */
export interface OpenHow {
  flags: number;
  mode?: number;
  resolve?: number;
}

/** What statx(2) tells. Times in nanoseconds since the epoch. */
export interface FileStat {
  /** Type and permission bits, as `st_mode`. */
  mode: number;
  uid: number;
  gid: number;
  size: number;
  /** What it takes on the disk, in units of 512 bytes. */
  blocks: number;
  nlink: number;
  ino: bigint;
  /** Device the file is on, major and minor. */
  dev: { major: number; minor: number };
  /** What a device node stands for. */
  rdev: { major: number; minor: number };
  mtimeNs: bigint;
  atimeNs: bigint;
  /** The mount's ID (kernel >= 5.8), 0n before. */
  mountId: bigint;
}

export interface FileCalls {
  openat2(dirfd: number, path: Path, how: OpenHow): number;
  /** open(2); `dirfd` AT_FDCWD for paths of the caller. */
  openat(dirfd: number, path: Path, flags: number, mode?: number): number;
  close(fd: number): void;
  mkdirat(dirfd: number, path: Path, mode: number): void;
  mknodat(dirfd: number, path: Path, mode: number, rdev: { major: number; minor: number }): void;
  symlinkat(target: Path, dirfd: number, path: Path): void;
  linkat(oldDirfd: number, oldPath: Path, newDirfd: number, newPath: Path, flags: number): void;
  unlinkat(dirfd: number, path: Path, flags: number): void;
  renameat2(oldDirfd: number, oldPath: Path, newDirfd: number, newPath: Path, flags: number): void;
  readlinkat(dirfd: number, path: Path): Buffer;
  fchmod(fd: number, mode: number): void;
  /** Follows a final symlink: never call it on a name that may be one. */
  fchmodat(dirfd: number, path: Path, mode: number): void;
  fchownat(dirfd: number, path: Path, uid: number, gid: number, flags: number): void;
  /** Times in nanoseconds since the epoch. An empty path with AT_EMPTY_PATH sets those of `dirfd` itself. */
  utimensat(dirfd: number, path: Path, atimeNs: bigint, mtimeNs: bigint, flags: number): void;
  /** statx(2) of `path` below `dirfd`; an empty path with AT_EMPTY_PATH stats `dirfd` itself. */
  statx(dirfd: number, path: Path, flags: number): FileStat;
  /** The `f_type` magic of the file system that holds `fd`; its blocks, and those that are free for all; free inodes. */
  fstatfs(fd: number): { type: number; blocks: number; bavail: number; bsize: number; ffree: number };
  ftruncate(fd: number, length: number): void;
  /** All bytes of `data`. */
  write(fd: number, data: Buffer): number;
  /** Up to `length` bytes; an empty Buffer at end of file. */
  read(fd: number, length: number): Buffer;
  fsync(fd: number): void;
  /** False when LOCK_NB was asked for and somebody else holds it. */
  flock(fd: number, operation: number): boolean;
  fcntl(fd: number, command: number, argument: number): number;
  dup3(oldFd: number, newFd: number, flags: number): number;
  /** [read end, write end]. */
  pipe2(flags: number): [number, number];
  close_range(first: number, last: number, flags: number): void;
  /** Waits until one of the fds has an event or `timeoutMs` passed (-1: for ever); the events seen, in order. */
  poll(fds: { fd: number; events: number }[], timeoutMs: number): number[];
  /** A file in memory that can be sealed; `name` shows in /proc only. */
  memfd_create(name: string, flags: number): number;
  getcwd(): string;
  chdir(path: Path): void;
  fchdir(fd: number): void;
  /** All threads that share the root directory move, which is all of them before an unshare(2) of CLONE_FS. */
  chroot(path: Path): void;
  umask(mask: number): number;
}

export interface XattrCalls {
  fsetxattr(fd: number, name: Path, value: Buffer, flags: number): void;
  /** Does not follow a final symlink. */
  lsetxattr(path: Path, name: Path, value: Buffer, flags: number): void;
  /** Undefined when the file has no such attribute. */
  lgetxattr(path: Path, name: Path): Buffer | undefined;
  /** One character (U+0000 to U+00FF) per byte: names need not be UTF-8. */
  llistxattr(path: Path): string[];
  lremovexattr(path: Path, name: Path): void;
}

export interface MountCalls {
  mount(source: string | null, target: Path, type: string | null, flags: number, data: string | null): void;
  umount2(target: Path, flags: number): void;
  pivot_root(newRoot: string, putOld: string): void;
  fsopen(type: string, flags: number): number;
  fsconfig(fd: number, command: number, key: string | null, value: string | null, aux: number): void;
  fsmount(fd: number, flags: number, attributes: number): number;
  open_tree(dirfd: number, path: Path, flags: number): number;
  move_mount(fromFd: number, fromPath: Path, toFd: number, toPath: Path, flags: number): void;
  mount_setattr(
    dirfd: number,
    path: Path,
    flags: number,
    attributes: { set?: number; clear?: number; propagation?: number; userNamespace?: number },
  ): void;
}

export interface NamespaceCalls {
  unshare(flags: number): void;
  setns(fd: number, flags: number): void;
  sethostname(name: string): void;
  setdomainname(name: string): void;
}

export interface ProcessCalls {
  prctl(option: number, arg2: number, arg3?: number, arg4?: number, arg5?: number): number;
  getpid(): number;
  setsid(): number;
  pidfd_open(pid: number, flags: number): number;
  pidfd_send_signal(pidfd: number, signal: number): void;
  /** A copy of another process's fd, close-on-exec. */
  pidfd_getfd(pidfd: number, targetFd: number): number;
  /** Only returns when it fails. Arguments and environment are bytes; a NUL in one is refused. */
  execve(path: Path, argv: Path[], env: Path[]): never;
  _exit(status: number): never;
  prlimit(
    pid: number,
    resource: number,
    limit?: { soft: bigint; hard: bigint },
  ): { soft: bigint; hard: bigint };
  setgroups(groups: number[]): void;
  /** The raw system calls: only the calling thread changes. */
  setresuid(ruid: number, euid: number, suid: number): void;
  setresgid(rgid: number, egid: number, sgid: number): void;
  /** Masks of capability bits. */
  capset(sets: { effective: bigint; permitted: bigint; inheritable: bigint }): void;
  capget(): { effective: bigint; permitted: bigint; inheritable: bigint };
  /** Every signal's disposition back to SIG_DFL, and an empty mask. */
  resetSignals(): void;
  sched_setaffinity(pid: number, mask: Buffer): void;
  setpriority(which: number, who: number, priority: number): void;
  keyctl(
    operation: number,
    arg2: number | string | null,
    arg3?: number,
    arg4?: number,
    arg5?: number,
  ): number;
}

export interface TerminalCalls {
  /** ioctl(2) with a number for its argument. */
  ioctl(fd: number, request: number, argument: number): number;
  /** ioctl(2) with memory for its argument, which the kernel may change. */
  ioctlBuffer(fd: number, request: number, argument: Buffer): number;
}

export interface SocketCalls {
  socket(domain: number, type: number, protocol: number): number;
  /** `address`, here and below, is a `struct sockaddr` of the socket's family. */
  connect(fd: number, address: Buffer): void;
  bind(fd: number, address: Buffer): void;
  setsockopt(fd: number, level: number, option: number, value: Buffer): void;
  sendto(fd: number, data: Buffer, flags: number, address: Buffer): number;
  /** What has come, up to `length` bytes. */
  recv(fd: number, length: number, flags: number): Buffer;
}

export interface Syscalls
  extends FileCalls,
    XattrCalls,
    MountCalls,
    NamespaceCalls,
    ProcessCalls,
    TerminalCalls,
    SocketCalls {}
