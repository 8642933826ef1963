import { writeFileSync } from 'node:fs';
import { RLIMIT } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { hasCode } from '../../errors.ts';
import type { ProcessPlan } from '../types.ts';

/** docker's default for open files; more than most programs look at, less than what makes them loop for seconds. */
const NOFILE = 1048576n;
const PRIO_PROCESS = 0;
/** One bit a CPU: 8192 of them, the most a kernel is built for. */
const ALL_CPUS = Buffer.alloc(1024, 0xff);

/**
 * Gives the program fresh attributes instead of the caller's: umask, niceness, CPU affinity, OOM score, limits. What this
 * host does not grant (a higher hard limit, a lower OOM score) stays as it is.
 */
export function resetAttributes(
  syscalls: Syscalls,
  { oomScoreAdj = 0 }: Pick<ProcessPlan, 'oomScoreAdj'>,
): void {
  because('umask, priority, affinity, limits', () => {
    syscalls.umask(0o022);
    unlessDenied(() => syscalls.setpriority(PRIO_PROCESS, 0, 0));
    unlessDenied(() => syscalls.sched_setaffinity(0, ALL_CPUS));
    unlessDenied(() => writeFileSync('/proc/self/oom_score_adj', String(oomScoreAdj)));
    limitOpenFiles(syscalls);
    noCoreDumps(syscalls);
  });
}

/** Raising a hard limit needs CAP_SYS_RESOURCE: where that is missing the present hard limit is what there is. */
function limitOpenFiles(syscalls: Syscalls): void {
  const wanted = { soft: NOFILE, hard: NOFILE };
  const { hard } = syscalls.prlimit(0, RLIMIT.NOFILE);
  try {
    syscalls.prlimit(0, RLIMIT.NOFILE, wanted);
  } catch (error) {
    if (!hasCode(error, 'EPERM')) throw error;
    syscalls.prlimit(0, RLIMIT.NOFILE, { soft: hard, hard });
  }
}

/** A core would be written by the host's core_pattern, wherever that points; the hard limit stays for who wants one. */
function noCoreDumps(syscalls: Syscalls): void {
  const { hard } = syscalls.prlimit(0, RLIMIT.CORE);
  syscalls.prlimit(0, RLIMIT.CORE, { soft: 0n, hard });
}

function unlessDenied(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!hasCode(error, 'EPERM', 'EACCES')) throw error;
  }
}
