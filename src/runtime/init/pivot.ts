import { MNT, MS } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import type { Root } from './in-root.ts';

/** From here on nothing that is mounted reaches the host, nor the other way round (mount_namespaces(7)). */
export function makeMountsPrivate(syscalls: Syscalls): void {
  because('make every mount private', () => syscalls.mount(null, '/', null, MS.REC | MS.PRIVATE, null));
}

/**
 * Makes the container's root the root, and detaches the host's: with both at "." the old root is stacked on the new one
 * and "." names it (pivot_root(2), "pivot_root(".", ".")"). A failure ends the container: never run on the host's root.
 */
export function pivotRoot({ syscalls, fd }: Root): void {
  because('pivot_root', () => {
    syscalls.fchdir(fd);
    syscalls.pivot_root('.', '.');
    syscalls.umount2('.', MNT.DETACH);
    syscalls.chdir('/');
  });
}
