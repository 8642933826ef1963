import { AT_FDCWD, CLONE, O, OPEN_TREE } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import type { Mount } from '../../driver/index.ts';
import { ConflictError, hasCode } from '../../errors.ts';
import { isAlive } from '../identity.ts';
import { attachBinds } from '../init/binds.ts';
import { holdBinds } from '../init/hold.ts';
import { makeMountsPrivate } from '../init/pivot.ts';
import { mountRootfs } from '../init/rootfs.ts';
import type { BindMount, ProcessIdentity } from '../types.ts';

const DIRECTORY = O.PATH | O.DIRECTORY | O.CLOEXEC;

/** The root of a running container with all that is mounted in it, as an fd. Throws CONTAINER_NOT_RUNNING. */
export function openRunningRoot(syscalls: Syscalls, identity: ProcessIdentity): number {
  try {
    const root = syscalls.openat(AT_FDCWD, `/proc/${identity.pid}/root`, DIRECTORY);
    // Checked afterwards: what was opened is then surely that process's.
    if (isAlive(identity)) return root;
    syscalls.close(root);
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ESRCH')) throw error;
  }
  throw new ConflictError('CONTAINER_NOT_RUNNING', 'the container has just ended', { hint: 'try again' });
}

/**
 * The same without what is mounted in it: a copy of the mount that is the root, which nobody else has. One synchronous
 * piece: only this thread moves (setns(2) wants it to share its working directory with no other).
 */
export function openRunningFiles(syscalls: Syscalls, identity: ProcessIdentity): number {
  const root = openRunningRoot(syscalls, identity);
  syscalls.close(root);
  return because('take the root file system of the container alone', () => {
    const own = syscalls.openat(AT_FDCWD, '/proc/self/ns/mnt', O.RDONLY | O.CLOEXEC);
    const there = syscalls.openat(AT_FDCWD, `/proc/${identity.pid}/ns/mnt`, O.RDONLY | O.CLOEXEC);
    const cwd = syscalls.openat(AT_FDCWD, '.', DIRECTORY);
    syscalls.unshare(CLONE.FS);
    syscalls.setns(there, CLONE.NEWNS);
    try {
      return syscalls.open_tree(AT_FDCWD, '/', OPEN_TREE.CLONE | OPEN_TREE.CLOEXEC);
    } finally {
      syscalls.setns(own, CLONE.NEWNS);
      syscalls.fchdir(cwd);
      for (const fd of [own, there, cwd]) syscalls.close(fd);
    }
  });
}

/** What a container that does not run has for files. */
export interface StoppedFiles {
  mounts: Mount[];
  /** An empty directory to mount at. */
  directory: string;
  binds: BindMount[];
}

/**
 * The files of a container that does not run, as an fd: mounted in a mount namespace of ours that the host never sees, and
 * that goes when both fds are closed. One synchronous piece: only this thread moves.
 */
export function openStoppedRoot(
  syscalls: Syscalls,
  { mounts, directory, binds }: StoppedFiles,
): { root: number; namespace: number } {
  return because('mount the files of the container for us alone', () => {
    const own = syscalls.openat(AT_FDCWD, '/proc/self/ns/mnt', O.RDONLY | O.CLOEXEC);
    const cwd = syscalls.openat(AT_FDCWD, '.', DIRECTORY);
    syscalls.unshare(CLONE.NEWNS);
    try {
      makeMountsPrivate(syscalls);
      const held = holdBinds(syscalls, binds.map(alone), directory);
      const root = mountRootfs(syscalls, { mounts, directory, opensDevices: false });
      attachBinds(root, held);
      const namespace = syscalls.openat(AT_FDCWD, '/proc/self/ns/mnt', O.RDONLY | O.CLOEXEC);
      return { root: root.fd, namespace };
    } finally {
      syscalls.setns(own, CLONE.NEWNS);
      syscalls.fchdir(cwd);
      for (const fd of [own, cwd]) syscalls.close(fd);
    }
  });
}

/** Nobody hears of what is mounted below while files are copied. */
function alone({ propagation: _, ...bind }: BindMount): BindMount {
  return bind;
}
