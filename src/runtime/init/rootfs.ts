import { dirname } from 'node:path';
import { AT_FDCWD, MOUNT_ATTR, MS, O } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import type { Mount } from '../../driver/index.ts';
import { GockerError } from '../../errors.ts';
import { attach, cloneHostPath, closeAll, setAttributes } from '../new-mount.ts';
import type { Root } from './in-root.ts';

interface Rootfs {
  mounts: Mount[];
  /** Where it is mounted. */
  directory: string;
  /** Device nodes in it open: for privileged containers. */
  opensDevices: boolean;
}

/**
 * Mounts the storage driver's snapshot at `directory`, in this mount namespace only, and opens it. `nodev`: device nodes
 * of an image are dead; those a program may use are mounted into /dev.
 */
export function mountRootfs(syscalls: Syscalls, { mounts, directory, opensDevices }: Rootfs): Root {
  const nodev = opensDevices ? 0 : MOUNT_ATTR.NODEV;
  for (const mount of mounts)
    because(`mount the ${mount.type} root`, () => mountOne(syscalls, mount, { directory, nodev }));
  return { syscalls, fd: syscalls.openat(AT_FDCWD, directory, O.PATH | O.DIRECTORY | O.CLOEXEC) };
}

interface Target {
  directory: string;
  /** MOUNT_ATTR_NODEV, or 0. */
  nodev: number;
}

function mountOne(syscalls: Syscalls, mount: Mount, { directory, nodev }: Target): void {
  const target = mount.target === undefined ? directory : `${directory}/${mount.target}`;
  if (mount.type === 'overlay') {
    mountOverlay(syscalls, mount, { directory: target, nodev });
    return;
  }
  if (mount.type !== 'bind') throw new GockerError('UNKNOWN_MOUNT', `mount type ${mount.type} is not known`);
  const clone = cloneHostPath(syscalls, mount.source, false);
  const place = syscalls.openat(AT_FDCWD, target, O.PATH | O.DIRECTORY | O.CLOEXEC);
  setAttributes(syscalls, clone, nodev | (mount.options.includes('ro') ? MOUNT_ATTR.RDONLY : 0));
  attach(syscalls, clone, place);
  closeAll(syscalls, clone, place);
}

/** mount(2) takes one page of options, and kernels before 6.5 know no other way to name more than a few layers. */
const OPTIONS_MAX = 4095;

function mountOverlay(syscalls: Syscalls, mount: Mount, { directory: target, nodev }: Target): void {
  const { directory, options } = shortenLowers(mount.options);
  const data = options.join(',');
  if (Buffer.byteLength(data) > OPTIONS_MAX) {
    throw new GockerError('TOO_MANY_LAYERS', `the image has more layers than one overlay mount can name`, {
      hint: 'flatten the image into fewer layers',
    });
  }
  const back = syscalls.openat(AT_FDCWD, '.', O.PATH | O.DIRECTORY | O.CLOEXEC);
  if (directory !== undefined) syscalls.chdir(directory);
  syscalls.mount('overlay', target, 'overlay', nodev === 0 ? 0 : MS.NODEV, data);
  syscalls.fchdir(back);
  syscalls.close(back);
}

/** Names lower directories relative to the directory they share, which becomes the working directory of the mount. */
export function shortenLowers(options: string[]): { directory?: string; options: string[] } {
  const prefix = 'lowerdir=';
  const lowers =
    options
      .find((option) => option.startsWith(prefix))
      ?.slice(prefix.length)
      .split(':') ?? [];
  const directory = commonDirectory(lowers);
  if (directory === undefined) return { options };
  const relative = lowers.map((lower) => lower.slice(directory.length + 1)).join(':');
  return {
    directory,
    options: options.map((option) => (option.startsWith(prefix) ? `${prefix}${relative}` : option)),
  };
}

function commonDirectory(paths: string[]): string | undefined {
  let common = dirname(paths[0] ?? '/');
  while (common !== '/' && !paths.every((path) => path.startsWith(`${common}/`))) common = dirname(common);
  return common === '/' ? undefined : common;
}
