import { AT_FDCWD, CLONE, MOUNT_ATTR, O } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { attach, closeAll, newMount, setAttributes } from '../new-mount.ts';
import type { CgroupView } from '../protocol.ts';
import { locate, type Root } from './in-root.ts';

const SECURE = MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC;

/** Opens the container's `cgroup.procs` files while the host's cgroup file system is in view. */
export function openCgroups(syscalls: Syscalls, procs: string[]): number[] {
  return because('open the cgroups', () =>
    procs.map((file) => syscalls.openat(AT_FDCWD, file, O.WRONLY | O.CLOEXEC)),
  );
}

/** Moves this process, with all its threads, into the cgroups; "0" stands for the writer (cgroups(7)). */
export function joinCgroups(syscalls: Syscalls, fds: number[]): void {
  because('join the cgroups', () => {
    for (const fd of fds) syscalls.write(fd, Buffer.from('0'));
    closeAll(syscalls, ...fds);
  });
}

interface Show {
  views: CgroupView[];
  /** O_PATH fd of /sys/fs/cgroup. */
  place: number;
  readonly: boolean;
}

/** A cgroup namespace whose root is the cgroup we are in, and its hierarchies at /sys/fs/cgroup. */
export function showCgroups(syscalls: Syscalls, show: Show): void {
  because('mount /sys/fs/cgroup', () => {
    syscalls.unshare(CLONE.NEWCGROUP);
    const alone = show.views.find((view) => view.name === '');
    if (alone) attachView(syscalls, alone, show);
    else attachEach(syscalls, show);
    syscalls.close(show.place);
  });
}

function attachEach(syscalls: Syscalls, { views, place, readonly }: Show): void {
  const folder = newMount(syscalls, { type: 'tmpfs', options: [['mode', '755']], attributes: SECURE });
  attach(syscalls, folder, place);
  const root: Root = { syscalls, fd: folder };
  for (const view of views) {
    syscalls.mkdirat(folder, view.name, 0o755);
    const directory = locate(root, view.name);
    attachView(syscalls, view, { place: directory, readonly });
    syscalls.close(directory);
  }
  setAttributes(syscalls, folder, MOUNT_ATTR.RDONLY);
  syscalls.close(folder);
}

function attachView(
  syscalls: Syscalls,
  view: CgroupView,
  { place, readonly }: Pick<Show, 'place' | 'readonly'>,
): void {
  const options = view.options.map((option): string | [string, string] => {
    const [key = '', value] = option.split('=');
    return value === undefined ? key : [key, value];
  });
  const attributes = readonly ? SECURE | MOUNT_ATTR.RDONLY : SECURE;
  const mount = newMount(syscalls, { type: view.type, options, attributes });
  attach(syscalls, mount, place);
  syscalls.close(mount);
}
