import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import {
  F,
  F_SEAL_ALL,
  FSCONFIG,
  FSMOUNT_CLOEXEC,
  FSOPEN_CLOEXEC,
  MFD,
  MOUNT_ATTR,
} from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { hasCode } from '../../errors.ts';

/** A node program that cannot be written to, whoever gets hold of /proc/PID/exe (CVE-2019-5736). */
export interface SealedNode {
  /** Good in this process and the ones it starts, until `fd` is closed. */
  path: string;
  fd: number;
}

/**
 * Node behind a read-only overlay of its folder, which is mounted nowhere; where the kernel refuses that, a sealed copy in
 * memory (slower by half a second). `emptyDirectory`: overlays without an upper layer need two lower ones.
 */
export function sealNode(syscalls: Syscalls, emptyDirectory: string, node = process.execPath): SealedNode {
  return because('seal node', () => {
    try {
      const fd = overlayOf(syscalls, [dirname(node), emptyDirectory]);
      return { fd, path: `/proc/self/fd/${fd}/${basename(node)}` };
    } catch (error) {
      if (!hasCode(error, 'EINVAL', 'ENODEV', 'EPERM', 'ENOSYS', 'ELOOP')) throw error;
      const fd = sealedCopy(syscalls, node);
      return { fd, path: `/proc/self/fd/${fd}` };
    }
  });
}

function overlayOf(syscalls: Syscalls, directories: string[]): number {
  const context = syscalls.fsopen('overlay', FSOPEN_CLOEXEC);
  try {
    const lowers = directories.map((directory) => directory.replace(/[\\:,]/g, '\\$&')).join(':');
    syscalls.fsconfig(context, FSCONFIG.SET_STRING, 'lowerdir', lowers, 0);
    syscalls.fsconfig(context, FSCONFIG.CMD_CREATE, null, null, 0);
    return syscalls.fsmount(
      context,
      FSMOUNT_CLOEXEC,
      MOUNT_ATTR.RDONLY | MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV,
    );
  } finally {
    syscalls.close(context);
  }
}

function sealedCopy(syscalls: Syscalls, node: string): number {
  const fd = syscalls.memfd_create('node', MFD.CLOEXEC | MFD.ALLOW_SEALING);
  syscalls.write(fd, readFileSync(node));
  syscalls.fcntl(fd, F.ADD_SEALS, F_SEAL_ALL);
  return fd;
}
