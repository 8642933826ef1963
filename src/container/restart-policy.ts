import type { RestartPolicy } from './schema.ts';

/** docker's (moby, restartmanager): the wait doubles from the first to the longest, and begins anew after a good run. */
const FIRST_MS = 100;
const LONGEST_MS = 60_000;
const GOOD_RUN_MS = 10_000;

/** How the last run went. */
export interface LastRun {
  exitCode: number;
  ranMs: number;
  /** How often the policy has started the container already. */
  restarts: number;
  /** What the wait before this run was; 0 for the first. */
  waitedMs: number;
}

/** How many milliseconds to wait before the program is started again; undefined when it is not to be. */
export function restartDelay(policy: RestartPolicy | undefined, run: LastRun): number | undefined {
  if (!policy || policy.policy === 'no') return undefined;
  if (policy.policy === 'on-failure') {
    if (run.exitCode === 0) return undefined;
    if (policy.max !== undefined && run.restarts >= policy.max) return undefined;
  }
  if (run.waitedMs === 0 || run.ranMs >= GOOD_RUN_MS) return FIRST_MS;
  return Math.min(run.waitedMs * 2, LONGEST_MS);
}
