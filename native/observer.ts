/** One eye on every kernel call: what `--explain` and `--trace` show, and what tests look at. */

/** One call as it happened. */
export interface Observation {
  name: string;
  /** In words: `CLONE_NEWNS|CLONE_NEWPID`, `"/proc"`, `0755`. */
  args: string[];
  result: number;
  /** The errno's name when the call failed. */
  errno?: string;
  durationNs: number;
  pid: number;
  /** Why the caller did it, outermost reason first; empty when it did not say. */
  reason: string;
}

export type Observer = (observation: Observation) => void;

let observer: Observer | undefined;
const reasons: string[] = [];
const failedAt = new WeakMap<Error, string>();

/** Sets the eye of this thread, or closes it with `undefined`; returns the one before. */
export function observe(next: Observer | undefined): Observer | undefined {
  const before = observer;
  observer = next;
  return before;
}

export function currentObserver(): Observer | undefined {
  return observer;
}

export function currentReason(): string {
  return reasons.join(': ');
}

/** Does `work`, synchronous, and gives `why` as the reason of every kernel call in it. Reasons nest. */
export function because<T>(why: string, work: () => T): T {
  reasons.push(why);
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && !failedAt.has(error)) failedAt.set(error, currentReason());
    throw error;
  } finally {
    reasons.pop();
  }
}

/** The reason that was given for the call that threw this error; empty when none was. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error && failedAt.get(error)) || '';
}
