import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { F, F_SEAL_ALL, MFD, MOUNT_ATTR } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { hasCode } from '../../errors.ts';
import { newMount } from '../new-mount.ts';

/** A node program that cannot be written to, whoever gets hold of /proc/PID/exe (CVE-2019-5736). */
export interface SealedNode {
  /** Good in this process and the ones it starts, until `fd` is closed. */
  path: string;
  fd: number;
}

/**
 * Node behind a read-only overlay of its folder, which is mounted nowhere; where the kernel refuses that, a sealed copy in
 * memory (slower by half a second).
 */
export function sealNode(syscalls: Syscalls, node = process.execPath): SealedNode {
  return because('seal node', () => {
    try {
      const fd = overlayOf(syscalls, dirname(node));
      return { fd, path: `/proc/self/fd/${fd}/${basename(node)}` };
    } catch (error) {
      if (!hasCode(error, 'EINVAL', 'ENODEV', 'EPERM', 'ENOSYS', 'ELOOP')) throw error;
      const fd = sealedCopy(syscalls, node);
      return { fd, path: `/proc/self/fd/${fd}` };
    }
  });
}

/** An overlay without an upper layer needs two lower ones: the second is an empty file system of our own. */
function overlayOf(syscalls: Syscalls, directory: string): number {
  const empty = newMount(syscalls, { type: 'tmpfs', options: [['size', '4k']] });
  try {
    const lowers = `${directory.replace(/[\\:,]/g, '\\$&')}:/proc/self/fd/${empty}`;
    const attributes = MOUNT_ATTR.RDONLY | MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV;
    return newMount(syscalls, { type: 'overlay', options: [['lowerdir', lowers]], attributes });
  } finally {
    syscalls.close(empty);
  }
}

function sealedCopy(syscalls: Syscalls, node: string): number {
  const fd = syscalls.memfd_create('node', MFD.CLOEXEC | MFD.ALLOW_SEALING);
  syscalls.write(fd, readFileSync(node));
  syscalls.fcntl(fd, F.ADD_SEALS, F_SEAL_ALL);
  return fd;
}
