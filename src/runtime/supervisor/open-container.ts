import { AT_FDCWD, O } from '../../../native/constants.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { ConflictError, hasCode } from '../../errors.ts';
import { isAlive } from '../identity.ts';
import type { ProcessIdentity } from '../types.ts';

/**
 * Takes hold of a running container by its PID 1. The identity is checked after the pidfd is open: from then on the pid
 * cannot become another process. Throws CONTAINER_NOT_RUNNING.
 */
export function openContainer(
  syscalls: Syscalls,
  identity: ProcessIdentity,
): { pidfd: number; pidNamespace: number } {
  const { pid } = identity;
  try {
    const pidfd = syscalls.pidfd_open(pid, 0);
    try {
      const pidNamespace = syscalls.openat(AT_FDCWD, `/proc/${pid}/ns/pid`, O.RDONLY | O.CLOEXEC);
      if (isAlive(identity)) return { pidfd, pidNamespace };
      syscalls.close(pidNamespace);
    } catch (error) {
      syscalls.close(pidfd);
      throw error;
    }
    syscalls.close(pidfd);
  } catch (error) {
    if (!hasCode(error, 'ESRCH', 'ENOENT')) throw error;
  }
  throw new ConflictError('CONTAINER_NOT_RUNNING', 'the container is not running');
}
