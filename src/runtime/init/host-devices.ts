import { readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { AT_FDCWD, S } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { FileStat, Syscalls } from '../../../native/syscalls.ts';
import { GockerError, hasCode } from '../../errors.ts';
import type { ContainerSettings, DeviceMapping } from '../settings.ts';

/** A device node as it shall be in the container. */
export interface DeviceNode {
  /** Absolute path in the container. */
  path: string;
  /** Type and permissions, as mknod(2) takes them. */
  mode: number;
  rdev: { major: number; minor: number };
  uid: number;
  gid: number;
}

/** What of the host's /dev is no device, or the container's own. */
const OWN = ['pts', 'shm', 'mqueue', 'fd', '.lxc', '.lxd-mounts', '.udev', 'console'];

/** The nodes that the settings name, found while the host's /dev is in view. Throws NO_SUCH_DEVICE. */
export function findDevices(syscalls: Syscalls, settings: ContainerSettings): DeviceNode[] {
  return because("look up the host's devices", () => {
    const all = settings.privileged ? nodesBelow(syscalls, { source: '/dev', destination: '/dev' }) : [];
    const named = (settings.devices ?? []).flatMap((mapping) => nodesOf(syscalls, mapping));
    return [...new Map([...all, ...named].map((node) => [node.path, node])).values()];
  });
}

type Place = Pick<DeviceMapping, 'source' | 'destination'>;

function nodesOf(syscalls: Syscalls, place: Place): DeviceNode[] {
  const stat = statOf(syscalls, place.source);
  const type = stat && stat.mode & S.IFMT;
  if (type === S.IFDIR) return nodesBelow(syscalls, place);
  if (stat && (type === S.IFCHR || type === S.IFBLK)) return [nodeOf(stat, place.destination)];
  const why = stat ? 'not a device node' : 'no such file or directory';
  throw new GockerError(
    'NO_SUCH_DEVICE',
    `error gathering device information while adding custom device ${JSON.stringify(place.source)}: ${why}`,
    { hint: 'give a device node of the host, as in --device /dev/fuse' },
  );
}

/** Nodes alone: no link is followed. */
function nodesBelow(syscalls: Syscalls, { source, destination }: Place): DeviceNode[] {
  return readdirSync(source, { withFileTypes: true }).flatMap((entry) => {
    if (OWN.includes(entry.name)) return [];
    const below = {
      source: posix.join(source, entry.name),
      destination: posix.join(destination, entry.name),
    };
    if (entry.isDirectory()) return nodesBelow(syscalls, below);
    if (!entry.isCharacterDevice() && !entry.isBlockDevice()) return [];
    const stat = statOf(syscalls, below.source);
    return stat ? [nodeOf(stat, below.destination)] : [];
  });
}

function nodeOf({ mode, rdev, uid, gid }: FileStat, path: string): DeviceNode {
  return { path, mode, rdev, uid, gid };
}

function statOf(syscalls: Syscalls, path: string): FileStat | undefined {
  try {
    return syscalls.statx(AT_FDCWD, path, 0);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
