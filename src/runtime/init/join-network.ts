import { AT_FDCWD, CLONE, O } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { GockerError, hasCode } from '../../errors.ts';
import { isAlive } from '../identity.ts';
import type { ProcessIdentity } from '../types.ts';

/**
 * Enters the network namespace of another container. Its PID 1 is looked at after the namespace is held: then it was not
 * somebody else with the same number. Throws NOT_RUNNING.
 */
export function enterNetwork(syscalls: Syscalls, container: ProcessIdentity): void {
  because("enter the other container's network", () => {
    const fd = openNamespace(syscalls, container);
    try {
      if (!isAlive(container)) throw gone();
      syscalls.setns(fd, CLONE.NEWNET);
    } finally {
      syscalls.close(fd);
    }
  });
}

function openNamespace(syscalls: Syscalls, { pid }: ProcessIdentity): number {
  try {
    return syscalls.openat(AT_FDCWD, `/proc/${pid}/ns/net`, O.RDONLY | O.CLOEXEC);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) throw gone();
    throw error;
  }
}

function gone(): GockerError {
  return new GockerError('NOT_RUNNING', 'the container whose network was to be joined has ended', {
    hint: 'start it first',
  });
}
