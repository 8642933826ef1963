import { CLOSE_RANGE_CLOEXEC, F, FD_CLOEXEC, O, POLL, PR } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { hasCode } from '../../errors.ts';
import { CONTROL_FD, encodeMessage, REPORT_FD } from '../protocol.ts';
import type { ProcessPlan } from '../types.ts';
import { explainExec } from './explain-exec.ts';
import { ofMemory, setMemoryUlimits } from './ulimits.ts';

const SIGKILL = 9;
/** Made at the start: no memory is asked for once the cgroup's limit counts. */
const BECOMING = Buffer.from(encodeMessage({ type: 'becoming' }));
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** What execvp(3) goes on after; anything else is the answer. */
const TRY_NEXT = ['ENOENT', 'ENOTDIR', 'EACCES'];

/**
 * The end of init: from here on the program runs under this pid, with stdin, stdout and stderr and no other fd. Those are
 * closed by execve(2) itself: Node's threads use theirs until then. Throws what execve(2) said, explained.
 */
export function becomeProgram(syscalls: Syscalls, plan: ProcessPlan, env: string[]): never {
  if (plan.noNewPrivileges) because('no new privileges', () => syscalls.prctl(PR.SET_NO_NEW_PRIVS, 1));
  if (!plan.outlives) dieWithSupervisor(syscalls);
  because('signals and file descriptors as a program expects them', () => {
    syscalls.resetSignals();
    for (const stdio of [0, 1, 2]) makeOrdinary(syscalls, stdio);
    syscalls.close_range(REPORT_FD, 0xffffffff, CLOSE_RANGE_CLOEXEC);
  });
  if (ofMemory(plan.ulimits ?? []).length > 0) {
    rehearse(syscalls, plan.args, env);
    setMemoryUlimits(syscalls, plan.ulimits ?? []);
  }
  syscalls.write(REPORT_FD, BECOMING);
  return because('run the program', () => execute(syscalls, plan.args, env));
}

/** Runs what is left to run once, towards a program that cannot be there: it is compiled then, and needs no memory again. */
function rehearse(syscalls: Syscalls, args: string[], env: string[]): void {
  try {
    because('run the program', () => execute(syscalls, ['/proc/self/exe/nowhere', ...args], env));
  } catch {
    // As it must.
  }
}

/** The kernel kills us when the supervisor ends; that it has ended already shows on the control pipe. */
function dieWithSupervisor(syscalls: Syscalls): void {
  because('end with the supervisor', () => {
    syscalls.prctl(PR.SET_PDEATHSIG, SIGKILL);
    const [events = 0] = syscalls.poll([{ fd: CONTROL_FD, events: POLL.IN }], 0);
    if (events & POLL.HUP) syscalls._exit(1);
  });
}

/** Node leaves its standard streams close-on-exec, and non-blocking where it touched them. */
function makeOrdinary(syscalls: Syscalls, fd: number): void {
  const flags = syscalls.fcntl(fd, F.GETFL, 0);
  if (flags & O.NONBLOCK) syscalls.fcntl(fd, F.SETFL, flags & ~O.NONBLOCK);
  if (syscalls.fcntl(fd, F.GETFD, 0) & FD_CLOEXEC) syscalls.fcntl(fd, F.SETFD, 0);
}

function execute(syscalls: Syscalls, args: string[], env: string[]): never {
  const name = args[0] ?? '';
  let refused: { file: string; error: unknown } | undefined;
  for (const file of candidates(name, env)) {
    try {
      syscalls.execve(file, args, env);
    } catch (error) {
      if (!hasCode(error, ...TRY_NEXT)) throw explainExec(syscalls, { name, file, error });
      // A file that is there but may not be run says more than the ones that are not there.
      if (!refused || (hasCode(error, 'EACCES') && !hasCode(refused.error, 'EACCES')))
        refused = { file, error };
    }
  }
  throw explainExec(syscalls, { name, file: refused?.file ?? name, error: refused?.error });
}

/** A name with a slash is a path; any other is looked up in the program's own PATH. */
function candidates(name: string, env: string[]): string[] {
  if (name.includes('/')) return [name];
  const path = env.findLast((entry) => entry.startsWith('PATH='))?.slice(5) ?? DEFAULT_PATH;
  return path.split(':').map((directory) => `${directory === '' ? '.' : directory}/${name}`);
}
