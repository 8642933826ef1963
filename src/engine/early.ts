import { createSyscalls } from '../../native/index.ts';
import type { Syscalls } from '../../native/syscalls.ts';
import { createRuntime } from '../runtime/index.ts';
import type { ProcessPlan, Runtime } from '../runtime/types.ts';

let early: { runRoot: string; runtime: Runtime } | undefined;

/**
 * Lets the init of the container that is to be run boot while the rest of gocker is loaded. An engine with the same
 * `runRoot` takes it; without one, or without a run, it ends with this process.
 */
export function startEarly(runRoot: string, streams: Pick<ProcessPlan, 'terminal' | 'stdin'>): void {
  const runtime = createRuntime({ syscalls: createSyscalls(), runDirectory: runRoot });
  runtime.warm(streams);
  early = { runRoot, runtime };
}

/** The runtime that was started early, or a new one. */
export function runtimeFor(syscalls: Syscalls, runRoot: string): Runtime {
  if (early?.runRoot === runRoot) return early.runtime;
  return createRuntime({ syscalls, runDirectory: runRoot });
}
