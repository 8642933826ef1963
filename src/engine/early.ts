import { createSyscalls } from '../../native/index.ts';
import type { Syscalls } from '../../native/syscalls.ts';
import { createRuntime } from '../runtime/index.ts';
import type { Runtime } from '../runtime/types.ts';

let early: Runtime | undefined;

/**
 * Lets the init of the container that is to be run boot while the rest of gocker is loaded. The next engine takes it;
 * without one, or without a run, it ends with this process.
 */
export function startEarly(): void {
  early = createRuntime({ syscalls: createSyscalls() });
  early.warm();
}

/** The runtime that was started early, or a new one. */
export function takeRuntime(syscalls: Syscalls): Runtime {
  const runtime = early ?? createRuntime({ syscalls });
  early = undefined;
  return runtime;
}
