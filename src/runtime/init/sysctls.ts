import { O, RESOLVE } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import { GockerError, hasCode } from '../../errors.ts';
import type { Root } from './in-root.ts';

/** Sets the container's own sysctls, while /proc is as we mounted it. Throws SYSCTL_REFUSED, naming the one. */
export function setSysctls(root: Root, sysctls: Record<string, string>): void {
  for (const [name, value] of Object.entries(sysctls)) {
    because(`sysctl ${name}`, () => {
      try {
        writeSysctl(root, name.replaceAll('.', '/'), value);
      } catch (error) {
        throw refused(name, value, error);
      }
    });
  }
}

/** One setting below /proc/sys, by its path; never through a link (CVE-2025-52881). */
export function writeSysctl({ syscalls, fd }: Root, path: string, value: string): void {
  const resolve = RESOLVE.IN_ROOT | RESOLVE.NO_SYMLINKS;
  const file = syscalls.openat2(fd, `proc/sys/${path}`, { flags: O.WRONLY | O.CLOEXEC, resolve });
  try {
    syscalls.write(file, Buffer.from(value));
  } finally {
    syscalls.close(file);
  }
}

function refused(name: string, value: string, cause: unknown): GockerError {
  const missing = hasCode(cause, 'ENOENT', 'ENOTDIR');
  const why = missing ? 'this kernel has no such setting' : (cause as Error).message;
  return new GockerError('SYSCTL_REFUSED', `cannot be set to ${JSON.stringify(value)}: ${why}`, {
    cause,
    hint: missing ? `see those there are: ls /proc/sys/${name.split('.')[0]}` : 'choose another value',
  });
}
