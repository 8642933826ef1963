import type { Syscalls } from '../../native/syscalls.ts';
import { hasCode } from '../errors.ts';
import { isAlive } from './identity.ts';
import type { ProcessIdentity } from './types.ts';

/** Sends a signal to exactly that process, by pidfd (pidfd_send_signal(2)); false when it has ended. */
export function signalProcess(syscalls: Syscalls, identity: ProcessIdentity, signal: number): boolean {
  try {
    const pidfd = syscalls.pidfd_open(identity.pid, 0);
    try {
      // The pid may have been given to another before the pidfd held on to it.
      if (!isAlive(identity)) return false;
      syscalls.pidfd_send_signal(pidfd, signal);
      return true;
    } finally {
      syscalls.close(pidfd);
    }
  } catch (error) {
    if (hasCode(error, 'ESRCH', 'EINVAL')) return false;
    throw error;
  }
}
