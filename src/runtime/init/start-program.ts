import { AT, AT_FDCWD, O, RESOLVE, S } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { EXIT, GockerError, hasCode } from '../../errors.ts';
import type { ProcessPlan } from '../types.ts';
import { adoptConsole, type Console } from './console.ts';
import { becomeUser } from './credentials.ts';
import { becomeProgram } from './program.ts';
import { setUlimits } from './ulimits.ts';
import { type Credentials, lookupUser } from './user.ts';

interface Surroundings {
  terminal: Console | undefined;
  /** Called once everything that needs memory and threads of Node's is done. */
  joinCgroups(): void;
}

/** The last part of `run` and `exec`, inside the container's root: streams, user, cgroups, program. */
export function startProgram(syscalls: Syscalls, plan: ProcessPlan, surroundings: Surroundings): never {
  const user = because('look up the user', () => lookupUser(syscalls, plan.user, plan.groups));
  if (surroundings.terminal) adoptConsole(syscalls, surroundings.terminal);
  else if (plan.outlives) for (const stdio of [0, 1, 2]) connectToNothing(syscalls, stdio);
  else if (!plan.stdin) connectToNothing(syscalls, 0);
  giveStreams(syscalls, user);
  const env = withHome(plan.env, user);
  surroundings.joinCgroups();
  const entered = tryEnter(syscalls, plan.cwd);
  setUlimits(syscalls, plan.ulimits ?? []);
  becomeUser(syscalls, user, plan.capabilities);
  if (!entered) enter(syscalls, plan.cwd);
  checkDirectory(syscalls, plan.cwd);
  return becomeProgram(syscalls, plan, env);
}

/** The container's own /dev/null: the host's would be an open file of the host. */
function connectToNothing(syscalls: Syscalls, stdio: number): void {
  const access = stdio === 0 ? O.RDONLY : O.WRONLY;
  const nothing = syscalls.openat(AT_FDCWD, '/dev/null', access | O.CLOEXEC);
  syscalls.dup3(nothing, stdio, 0);
  syscalls.close(nothing);
}

/** So that the program can open /dev/stdout whoever it runs as. A device node belongs to all and stays as it is. */
function giveStreams(syscalls: Syscalls, user: Credentials): void {
  for (const stdio of [0, 1, 2]) {
    const { mode, rdev, gid } = syscalls.statx(stdio, '', AT.EMPTY_PATH);
    const terminal = (mode & S.IFMT) === S.IFCHR && rdev.major >= 136 && rdev.major <= 143;
    if (terminal || (mode & S.IFMT) === S.IFIFO)
      syscalls.fchownat(stdio, '', user.uid, terminal ? gid : user.gid, AT.EMPTY_PATH);
  }
}

function withHome(env: string[], user: Credentials): string[] {
  return env.some((entry) => entry.startsWith('HOME=')) ? env : [...env, `HOME=${user.home}`];
}

/** As root first, which may enter what the user may not; false when only the user may (a network file system). */
function tryEnter(syscalls: Syscalls, cwd: string): boolean {
  try {
    enter(syscalls, cwd);
    return true;
  } catch (error) {
    if (hasCode((error as Error).cause, 'EACCES')) return false;
    throw error;
  }
}

/** Through no magic link: /proc/self/fd/N could be a directory of the host (CVE-2024-21626). */
function enter(syscalls: Syscalls, cwd: string): void {
  try {
    because(`work in ${cwd}`, () => {
      const flags = O.PATH | O.DIRECTORY | O.CLOEXEC;
      const directory = syscalls.openat2(AT_FDCWD, cwd, { flags, resolve: RESOLVE.NO_MAGICLINKS });
      syscalls.fchdir(directory);
      syscalls.close(directory);
    });
  } catch (error) {
    throw cannotEnter(cwd, error);
  }
}

function checkDirectory(syscalls: Syscalls, cwd: string): void {
  try {
    if (syscalls.getcwd().startsWith('/')) return;
  } catch (error) {
    throw cannotEnter(cwd, error);
  }
  throw cannotEnter(cwd, undefined);
}

/** Exit code 126, as docker has it: the program may be there, but not where it shall work. */
export function cannotEnter(cwd: string, cause: unknown): GockerError {
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  return new GockerError('INVALID_WORKDIR', `cannot work in ${JSON.stringify(cwd)}${why}`, {
    cause,
    exitCode: EXIT.NOT_EXECUTABLE,
    hint: 'give a directory that the container has, with -w',
  });
}
