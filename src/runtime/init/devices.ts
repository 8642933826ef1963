import { AT, S } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import { attach, cloneMount, closeAll, newCloneSource } from '../new-mount.ts';
import type { DeviceNode } from './host-devices.ts';
import { ensureFile, locate, type Root } from './in-root.ts';

/** The device nodes that every container has (runtime-spec config-linux.md "Default Devices"). */
const DEVICES: Record<string, [major: number, minor: number]> = {
  null: [1, 3],
  zero: [1, 5],
  full: [1, 7],
  random: [1, 8],
  urandom: [1, 9],
  tty: [5, 0],
};

const LINKS: Record<string, string> = {
  ptmx: 'pts/ptmx',
  fd: '/proc/self/fd',
  stdin: '/proc/self/fd/0',
  stdout: '/proc/self/fd/1',
  stderr: '/proc/self/fd/2',
  core: '/proc/kcore',
};

/** The nodes programs may use, in a file system that the container never sees; /dev gets mounts of them. */
export interface DeviceNodes {
  /** O_PATH fd of each node by name. */
  fds: Record<string, number>;
}

/**
 * Fills /dev. The nodes are made in a tmpfs of their own and mounted one by one: /dev and the root are `nodev`, so that
 * CAP_MKNOD in the container makes no node that opens, and no image's /dev/null is ever trusted (CVE-2025-31133).
 */
export function populateDev(root: Root, more: DeviceNode[] = []): DeviceNodes {
  return because('populate /dev', () => {
    const { mount, fds } = makeNodes(root);
    const dev = locate(root, '/dev');
    for (const [name, target] of Object.entries(LINKS)) root.syscalls.symlinkat(target, dev, name);
    for (const [name, fd] of Object.entries(fds)) mountNode(root, fd, `/dev/${name}`);
    root.syscalls.close(dev);
    const usual = Object.keys({ ...DEVICES, ...LINKS }).map((name) => `/dev/${name}`);
    more
      .filter(({ path }) => !usual.includes(path))
      .forEach((node, index) => {
        addNode(root, { mount, name: String(index) }, node);
      });
    return { fds };
  });
}

/** Mounts one device node onto a file at `path`, which is made when missing. */
export function mountNode(root: Root, node: number, path: string): void {
  const mount = cloneMount(root.syscalls, node);
  const place = ensureFile(root, path);
  attach(root.syscalls, mount, place);
  closeAll(root.syscalls, mount, place);
}

/** A node of the host's, by its numbers: made anew beside the usual ones, with its owner and permissions. */
function addNode(
  root: Root,
  { mount, name }: { mount: number; name: string },
  { path, mode, rdev, uid, gid }: DeviceNode,
): void {
  const { syscalls } = root;
  because(`device ${path}`, () => {
    syscalls.mknodat(mount, name, mode, rdev);
    syscalls.fchownat(mount, name, uid, gid, AT.SYMLINK_NOFOLLOW);
    const fd = locate({ syscalls, fd: mount }, name);
    mountNode(root, fd, path);
    syscalls.close(fd);
  });
}

function makeNodes({ syscalls }: Root): DeviceNodes & { mount: number } {
  const options: [string, string][] = [
    ['mode', '755'],
    ['size', '64k'],
  ];
  const mount = newCloneSource(syscalls, { type: 'tmpfs', options });
  const source: Root = { syscalls, fd: mount };
  const fds: Record<string, number> = {};
  for (const [name, [major, minor]] of Object.entries(DEVICES)) {
    syscalls.mknodat(mount, name, S.IFCHR | 0o666, { major, minor });
    fds[name] = locate(source, name);
  }
  return { mount, fds };
}
