/** Mounts made as fds first and attached to fds (fsopen(2), open_tree(2), move_mount(2)): no path in between to swap. */
import {
  AT,
  AT_FDCWD,
  FSCONFIG,
  FSMOUNT_CLOEXEC,
  FSOPEN_CLOEXEC,
  MOVE_MOUNT,
  O,
  OPEN_TREE,
} from '../../native/constants.ts';
import type { Syscalls } from '../../native/syscalls.ts';

export interface NewMount {
  type: string;
  /** What /proc/mounts shows first; the type when absent. */
  source?: string;
  /** `key` for a flag, `[key, value]` for a string. */
  options?: (string | [key: string, value: string])[];
  /** MOUNT_ATTR bits. */
  attributes?: number;
}

/** A file system that is mounted nowhere yet, as an fd. */
export function newMount(
  syscalls: Syscalls,
  { type, source = type, options = [], attributes = 0 }: NewMount,
): number {
  const context = syscalls.fsopen(type, FSOPEN_CLOEXEC);
  try {
    for (const option of [['source', source] as [string, string], ...options]) {
      if (typeof option === 'string') syscalls.fsconfig(context, FSCONFIG.SET_FLAG, option, null, 0);
      else syscalls.fsconfig(context, FSCONFIG.SET_STRING, option[0], option[1], 0);
    }
    syscalls.fsconfig(context, FSCONFIG.CMD_CREATE, null, null, 0);
    return syscalls.fsmount(context, FSMOUNT_CLOEXEC, attributes);
  } finally {
    syscalls.close(context);
  }
}

/**
 * A file system to take clones from. Kernels before 6.15 clone only what is mounted in the caller's namespace, so it covers
 * the host's /dev there, out of the container's reach: the cover goes with the old root.
 */
export function newCloneSource(syscalls: Syscalls, description: NewMount): number {
  const mount = newMount(syscalls, description);
  const place = syscalls.openat(AT_FDCWD, '/dev', O.PATH | O.DIRECTORY | O.CLOEXEC);
  attach(syscalls, mount, place);
  syscalls.close(place);
  return mount;
}

/** What is at `fd` as a mount of its own, mounted nowhere yet. */
export function cloneMount(syscalls: Syscalls, fd: number, recursive = false): number {
  const flags = OPEN_TREE.CLONE | OPEN_TREE.CLOEXEC | AT.EMPTY_PATH | (recursive ? AT.RECURSIVE : 0);
  return syscalls.open_tree(fd, '', flags);
}

/** A path of the host as a mount of its own, mounted nowhere yet. */
export function cloneHostPath(syscalls: Syscalls, path: string, recursive: boolean): number {
  return syscalls.open_tree(
    AT_FDCWD,
    path,
    OPEN_TREE.CLONE | OPEN_TREE.CLOEXEC | (recursive ? AT.RECURSIVE : 0),
  );
}

/** Attaches a mount to a place, both by fd; the mount's fd stays good and names its root. */
export function attach(syscalls: Syscalls, mount: number, place: number): void {
  syscalls.move_mount(mount, '', place, '', MOVE_MOUNT.F_EMPTY_PATH | MOVE_MOUNT.T_EMPTY_PATH);
}

/** Sets attributes of a mount (and of those below it). */
export function setAttributes(
  syscalls: Syscalls,
  mount: number,
  set: number,
  recursive = false,
  more: { propagation?: number; userNamespace?: number } = {},
): void {
  syscalls.mount_setattr(mount, '', AT.EMPTY_PATH | (recursive ? AT.RECURSIVE : 0), { set, ...more });
}

export function closeAll(syscalls: Syscalls, ...fds: number[]): void {
  for (const fd of fds) syscalls.close(fd);
}
