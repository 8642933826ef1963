import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { constants as osConstants } from 'node:os';
import { AT_FDCWD, CLONE, O } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { EXIT, GockerError } from '../../errors.ts';
import { identify } from '../identity.ts';
import type { ProcessIdentity } from '../types.ts';
import { sealNode } from './seal.ts';

/** Where init is born, and what it gets. */
export interface Birth {
  /** Path of init's bundled script. */
  script: string;
  /** An fd of the PID namespace to be born in; a new one without it. */
  pidNamespace?: number;
  /** No namespace of its own: our own, which is the host's. */
  hostPid?: boolean;
  /** Further fds for init, from CONTAINER_FD on. */
  extra?: number[];
}

/** Init and this end of its pipes. */
export interface InitProcess {
  child: ChildProcess;
  identity: ProcessIdentity;
  /** Good until `ended` has resolved. */
  pidfd: number;
  /** The exit code as docker reports it. */
  ended: Promise<number>;
  control: Socket;
  reports: Socket;
  stdin: Socket;
  stdout: Socket;
  stderr: Socket;
}

/** 192.0.2.1 (RFC 5737) is nobody's: a SIGUSR1 from inside the container opens no inspector port (node --help). */
const NODE_FLAGS = ['--inspect-port=192.0.2.1:1024', '--no-warnings', '--no-lazy'];
const DISABLE_SIGUSR1 = '--disable-sigusr1';
const FIRST_WITH_DISABLE_SIGUSR1 = 22;

/** Starts init from a sealed node, with an empty environment and in a session of its own. */
export function spawnInit(syscalls: Syscalls, birth: Birth): InitProcess {
  const node = sealNode(syscalls);
  const pipes = openPipes(syscalls);
  const start = () =>
    spawn(node.path, [...nodeFlags(), birth.script], {
      argv0: 'gocker-init',
      env: {},
      cwd: '/',
      detached: true,
      stdio: [...Object.values(pipes).map((pipe) => pipe.init), ...(birth.extra ?? [])],
    });
  const ends = Object.values(pipes);
  try {
    const child = birth.hostPid ? start() : inPidNamespace(syscalls, birth.pidNamespace, start);
    const { identity, pidfd } = identified(syscalls, child);
    return {
      child,
      identity,
      pidfd,
      ended: endOf(child, () => syscalls.close(pidfd)),
      stdin: socketOf(pipes.stdin),
      stdout: socketOf(pipes.stdout),
      stderr: socketOf(pipes.stderr),
      reports: socketOf(pipes.reports),
      control: socketOf(pipes.control),
    };
  } catch (error) {
    for (const { ours } of ends) syscalls.close(ours);
    throw error;
  } finally {
    for (const fd of [node.fd, ...ends.map(({ init }) => init)]) syscalls.close(fd);
  }
}

/** Before the event loop turns again nobody waits for the child: even one that has died keeps its pid until then. */
function identified(syscalls: Syscalls, child: ChildProcess): Pick<InitProcess, 'identity' | 'pidfd'> {
  if (child.pid === undefined) throw notStarted(child);
  const identity = identify(child.pid);
  if (!identity) throw notStarted(child);
  return { identity, pidfd: syscalls.pidfd_open(child.pid, 0) };
}

/** Ends an init that is not to become anything, and lets go of its pipes. */
export async function endInit(init: InitProcess): Promise<void> {
  init.child.ref();
  init.child.kill('SIGKILL');
  for (const stream of [init.control, init.reports, init.stdin, init.stdout, init.stderr]) stream.destroy();
  await init.ended;
}

function endOf(child: ChildProcess, tidy: () => void): Promise<number> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      tidy();
      resolve(code ?? EXIT.SIGNAL_BASE + osConstants.signals[signal ?? 'SIGKILL']);
    });
  });
}

interface Pipe {
  init: number;
  ours: number;
  direction: 'in' | 'out';
}

/** In the order of init's fds. Pipes and not sockets, so that programs can open /dev/stdout. */
function openPipes(syscalls: Syscalls) {
  const open = (direction: Pipe['direction']): Pipe => {
    const [reader, writer] = syscalls.pipe2(O.CLOEXEC);
    return direction === 'in'
      ? { init: reader, ours: writer, direction }
      : { init: writer, ours: reader, direction };
  };
  return because('pipes to init', () => ({
    stdin: open('in'),
    stdout: open('out'),
    stderr: open('out'),
    reports: open('out'),
    control: open('in'),
  }));
}

function socketOf(pipe: Pipe): Socket {
  const outgoing = pipe.direction === 'in';
  return new Socket({ fd: pipe.ours, readable: !outgoing, writable: outgoing });
}

/**
 * Starts a child in another PID namespace; this process stays in its own. Nothing may start a thread in between
 * (pid_namespaces(7)), so it is one synchronous piece.
 */
function inPidNamespace<T>(syscalls: Syscalls, namespace: number | undefined, start: () => T): T {
  const own = syscalls.openat(AT_FDCWD, '/proc/self/ns/pid', O.RDONLY | O.CLOEXEC);
  try {
    if (namespace === undefined) because('a new PID namespace', () => syscalls.unshare(CLONE.NEWPID));
    else because("the container's PID namespace", () => syscalls.setns(namespace, CLONE.NEWPID));
    try {
      return start();
    } finally {
      because('back to our own PID namespace', () => syscalls.setns(own, CLONE.NEWPID));
    }
  } finally {
    syscalls.close(own);
  }
}

function nodeFlags(): string[] {
  // Making the list of flags takes Node a millisecond; an older one has no such flag.
  const mayKnow = Number.parseInt(process.versions.node, 10) >= FIRST_WITH_DISABLE_SIGUSR1;
  const known = mayKnow && process.allowedNodeEnvironmentFlags.has(DISABLE_SIGUSR1);
  return known ? [...NODE_FLAGS, DISABLE_SIGUSR1] : NODE_FLAGS;
}

function notStarted(child: ChildProcess): GockerError {
  child.on('error', () => undefined);
  return new GockerError('INIT_FAILED', `${process.execPath} cannot be started as a container's init`, {
    hint: 'is the process limit reached? see ulimit -u',
  });
}
