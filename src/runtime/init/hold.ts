/** Taking hold of what is to be mounted in a container, while the host's files are still in view. */
import { AT_FDCWD, MNT, MOUNT_ATTR, MS, O, RESOLVE } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { GockerError, hasCode } from '../../errors.ts';
import { cloneHostPath, cloneMount, newMount, setAttributes } from '../new-mount.ts';
import type { BindMount, Propagation } from '../types.ts';
import { requireShared } from './mount-info.ts';
import { mountRootfs } from './rootfs.ts';

/** A host path that is held by an fd, to be attached once the container's root stands. */
export interface HeldBind {
  bind: BindMount;
  mount: number;
  /** Its root gets the permissions of what is there already. */
  takesMode?: boolean;
}

/** Mounts that go on sharing what is mounted below them with the host's: to be held before all are made private. */
export function isPropagating({ propagation = 'rprivate' }: BindMount): boolean {
  return !propagation.endsWith('private');
}

/** `scratch` is an empty directory of the caller's mount namespace, needed for those made of layers. */
export function holdBinds(syscalls: Syscalls, binds: BindMount[], scratch: string): HeldBind[] {
  return binds.map((bind) =>
    because(`take ${bind.source}`, () => ({ bind, mount: hold(syscalls, bind, scratch) })),
  );
}

function hold(syscalls: Syscalls, bind: BindMount, scratch: string): number {
  try {
    const mount = cloned(syscalls, bind, scratch);
    if (bind.propagation !== undefined) setPropagation(syscalls, mount, bind.propagation);
    if (bind.readonly) setAttributes(syscalls, mount, MOUNT_ATTR.RDONLY, bind.recursive && !bind.topReadonly);
    if (bind.userNamespace !== undefined) mapOwners(syscalls, mount, bind);
    return mount;
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    throw new GockerError('BIND_SOURCE_MISSING', `bind source path does not exist: ${bind.source}`, {
      cause: error,
      hint: `make it, or correct the part before the colon of -v ${bind.source}:${bind.destination}`,
    });
  }
}

function cloned(syscalls: Syscalls, bind: BindMount, scratch: string): number {
  if (isPropagating(bind)) requireShared(bind);
  if (bind.layers === undefined && bind.subpath === undefined)
    return cloneHostPath(syscalls, bind.source, bind.recursive);
  return bind.layers === undefined ? clonedBelow(syscalls, bind) : clonedLayers(syscalls, bind, scratch);
}

function clonedBelow(syscalls: Syscalls, bind: BindMount): number {
  const top = syscalls.openat(AT_FDCWD, bind.source, O.PATH | O.DIRECTORY | O.CLOEXEC);
  return cloneSubpath(syscalls, top, bind);
}

/** Mounted for a moment, in this namespace only. */
function clonedLayers(syscalls: Syscalls, bind: BindMount, scratch: string): number {
  if (bind.layers!.length === 0) return newMount(syscalls, { type: 'tmpfs' });
  const { fd } = mountRootfs(syscalls, { mounts: bind.layers!, directory: scratch, opensDevices: false });
  try {
    return cloneSubpath(syscalls, fd, bind);
  } finally {
    syscalls.umount2(scratch, MNT.DETACH);
  }
}

/** What is below an fd, which is closed. A link in there may lead on, but not out. */
function cloneSubpath(
  syscalls: Syscalls,
  top: number,
  { subpath = '.', source, recursive }: BindMount,
): number {
  try {
    const resolve = RESOLVE.BENEATH | RESOLVE.NO_MAGICLINKS;
    const fd = syscalls.openat2(top, subpath, { flags: O.PATH | O.CLOEXEC, resolve });
    const mount = cloneMount(syscalls, fd, recursive);
    syscalls.close(fd);
    return mount;
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR', 'EXDEV', 'ELOOP')) throw error;
    const why = hasCode(error, 'EXDEV', 'ELOOP') ? 'it leads out of it' : 'no such file or directory';
    throw new GockerError('SUBPATH', `cannot access path ${JSON.stringify(subpath)} in ${source}: ${why}`, {
      cause: error,
      hint: 'it is relative to what is mounted, and must be there already',
    });
  } finally {
    syscalls.close(top);
  }
}

const TYPES = { private: MS.PRIVATE, shared: MS.SHARED, slave: MS.SLAVE };

function setPropagation(syscalls: Syscalls, mount: number, word: Propagation): void {
  const isRecursive = word.startsWith('r');
  const propagation = TYPES[(isRecursive ? word.slice(1) : word) as keyof typeof TYPES];
  setAttributes(syscalls, mount, 0, isRecursive, { propagation });
}

function mapOwners(syscalls: Syscalls, mount: number, { userNamespace, source }: BindMount): void {
  const namespace = syscalls.openat(AT_FDCWD, userNamespace!, O.RDONLY | O.CLOEXEC);
  try {
    setAttributes(syscalls, mount, MOUNT_ATTR.IDMAP, false, { userNamespace: namespace });
  } catch (error) {
    if (!hasCode(error, 'EINVAL', 'EPERM')) throw error;
    throw new GockerError('IDMAP', `${source} is on a file system whose owners cannot be mapped`, {
      cause: error,
      hint: 'ext4, xfs, btrfs and, on newer kernels, tmpfs can; leave idmap out, or change the owners',
    });
  } finally {
    syscalls.close(namespace);
  }
}
