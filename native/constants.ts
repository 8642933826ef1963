/** Numbers of the kernel's ABI, the same on x64 and arm64 unless taken from Node. Names are those of the man pages. */
import { constants as fsConstants } from 'node:fs';

export const AT_FDCWD = -100;
export const AT = {
  SYMLINK_NOFOLLOW: 0x100,
  REMOVEDIR: 0x200,
  SYMLINK_FOLLOW: 0x400,
  NO_AUTOMOUNT: 0x800,
  EMPTY_PATH: 0x1000,
  RECURSIVE: 0x8000,
} as const;

/** open(2). O_DIRECTORY, O_NOFOLLOW and O_DIRECT differ between architectures, so Node is asked. */
export const O = {
  RDONLY: 0,
  WRONLY: 1,
  RDWR: 2,
  CREAT: fsConstants.O_CREAT,
  EXCL: fsConstants.O_EXCL,
  NOCTTY: fsConstants.O_NOCTTY,
  TRUNC: fsConstants.O_TRUNC,
  APPEND: fsConstants.O_APPEND,
  NONBLOCK: fsConstants.O_NONBLOCK,
  DIRECTORY: fsConstants.O_DIRECTORY,
  NOFOLLOW: fsConstants.O_NOFOLLOW,
  CLOEXEC: 0o2000000,
  PATH: 0o10000000,
} as const;

export const RESOLVE = {
  NO_XDEV: 0x01,
  NO_MAGICLINKS: 0x02,
  NO_SYMLINKS: 0x04,
  BENEATH: 0x08,
  IN_ROOT: 0x10,
} as const;

export const S = {
  IFMT: 0o170000,
  IFSOCK: 0o140000,
  IFLNK: 0o120000,
  IFREG: 0o100000,
  IFBLK: 0o060000,
  IFDIR: 0o040000,
  IFCHR: 0o020000,
  IFIFO: 0o010000,
} as const;

export const MS = {
  RDONLY: 1,
  NOSUID: 2,
  NODEV: 4,
  NOEXEC: 8,
  REMOUNT: 32,
  BIND: 4096,
  MOVE: 8192,
  REC: 16384,
  PRIVATE: 1 << 18,
  SLAVE: 1 << 19,
  SHARED: 1 << 20,
  RELATIME: 1 << 21,
  STRICTATIME: 1 << 24,
} as const;

export const MNT = { FORCE: 1, DETACH: 2, EXPIRE: 4 } as const;

export const FSOPEN_CLOEXEC = 1;
export const FSMOUNT_CLOEXEC = 1;
export const FSCONFIG = { SET_FLAG: 0, SET_STRING: 1, SET_FD: 5, CMD_CREATE: 6 } as const;
export const OPEN_TREE = { CLONE: 1, CLOEXEC: 0o2000000 } as const;
export const MOVE_MOUNT = { F_EMPTY_PATH: 4, T_EMPTY_PATH: 0x40 } as const;
export const MOUNT_ATTR = {
  RDONLY: 1,
  NOSUID: 2,
  NODEV: 4,
  NOEXEC: 8,
  STRICTATIME: 0x20,
  IDMAP: 0x100000,
} as const;

export const CLONE = {
  FS: 0x200,
  NEWNS: 0x20000,
  NEWCGROUP: 0x2000000,
  NEWUTS: 0x4000000,
  NEWIPC: 0x8000000,
  NEWUSER: 0x10000000,
  NEWPID: 0x20000000,
  NEWNET: 0x40000000,
} as const;

export const PR = {
  SET_PDEATHSIG: 1,
  SET_DUMPABLE: 4,
  SET_KEEPCAPS: 8,
  CAPBSET_READ: 23,
  CAPBSET_DROP: 24,
  SET_NO_NEW_PRIVS: 38,
  CAP_AMBIENT: 47,
} as const;
export const PR_CAP_AMBIENT_CLEAR_ALL = 4;

export const LOCK = { SH: 1, EX: 2, NB: 4, UN: 8 } as const;
export const F = { GETFD: 1, SETFD: 2, GETFL: 3, SETFL: 4, ADD_SEALS: 1033 } as const;
/** F_SEAL_SEAL, _SHRINK, _GROW and _WRITE: nothing about the file changes any more. */
export const F_SEAL_ALL = 0xf;
export const MFD = { CLOEXEC: 1, ALLOW_SEALING: 2 } as const;
export const FD_CLOEXEC = 1;
/** close_range(2): not closed now but by execve(2). */
export const CLOSE_RANGE_CLOEXEC = 4;
export const RENAME = { NOREPLACE: 1, EXCHANGE: 2 } as const;
export const POLL = { IN: 1, OUT: 4, ERR: 8, HUP: 16 } as const;
export const RLIMIT = {
  CPU: 0,
  FSIZE: 1,
  DATA: 2,
  STACK: 3,
  CORE: 4,
  RSS: 5,
  NPROC: 6,
  NOFILE: 7,
  MEMLOCK: 8,
  AS: 9,
  LOCKS: 10,
  SIGPENDING: 11,
  MSGQUEUE: 12,
  NICE: 13,
  RTPRIO: 14,
  RTTIME: 15,
} as const;
export const KEYCTL = { JOIN_SESSION_KEYRING: 1 } as const;

export const TIOC = {
  SCTTY: 0x540e,
  GWINSZ: 0x5413,
  SWINSZ: 0x5414,
  GPTN: 0x80045430,
  SPTLCK: 0x40045431,
  GPTPEER: 0x5441,
} as const;
export const SIOC = { GIFFLAGS: 0x8913, SIFFLAGS: 0x8914 } as const;
export const IFF_UP = 1;
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const SOCK = { DGRAM: 2, RAW: 3, CLOEXEC: 0o2000000 } as const;

/** statfs(2) `f_type`. */
export const MAGIC = {
  CGROUP2: 0x63677270,
  CGROUP1: 0x27e0eb,
  PROC: 0x9fa0,
  TMPFS: 0x01021994,
  OVERLAY: 0x794c7630,
  DEVPTS: 0x1cd1,
} as const;
