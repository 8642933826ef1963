import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { AT_FDCWD, CLONE, O } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { GockerError } from '../../errors.ts';
import { sealNode } from './seal.ts';

/** Where init is born, and what it gets. */
export interface Birth {
  /** Path of init's bundled script. */
  script: string;
  /** An existing, empty directory. */
  emptyDirectory: string;
  /** An fd of the PID namespace to be born in; a new one without it. */
  pidNamespace?: number;
  /** Further fds for init, from CONTAINER_FD on. */
  extra?: number[];
  /** With a terminal, init gets no streams: it opens the terminal itself. */
  terminal: boolean;
  stdin: boolean;
}

/** Init and this end of its pipes. */
export interface InitProcess {
  child: ChildProcess;
  pid: number;
  control: Socket;
  reports: Socket;
  stdin: Socket | undefined;
  stdout: Socket | undefined;
  stderr: Socket | undefined;
}

/** 192.0.2.1 (RFC 5737) is nobody's: a SIGUSR1 from inside the container opens no inspector port (node --help). */
const NODE_FLAGS = ['--inspect-port=192.0.2.1:1024', '--no-warnings'];
const DISABLE_SIGUSR1 = '--disable-sigusr1';

/** Starts init from a sealed node, with an empty environment and in a session of its own. */
export function spawnInit(syscalls: Syscalls, birth: Birth): InitProcess {
  const node = sealNode(syscalls, birth.emptyDirectory);
  const pipes = openPipes(syscalls, birth);
  const inits = pipes.map((pipe) => pipe?.init ?? ('ignore' as const));
  const start = () =>
    spawn(node.path, [...nodeFlags(), birth.script], {
      argv0: 'gocker-init',
      env: {},
      cwd: '/',
      detached: true,
      stdio: [...inits, ...(birth.extra ?? [])],
    });
  const child = inPidNamespace(syscalls, birth.pidNamespace, start);
  for (const pipe of pipes) if (pipe) syscalls.close(pipe.init);
  syscalls.close(node.fd);
  const [stdin, stdout, stderr, reports, control] = pipes.map((pipe) => pipe && socketOf(pipe));
  if (child.pid === undefined) throw notStarted(child);
  return { child, pid: child.pid, control: control!, reports: reports!, stdin, stdout, stderr };
}

interface Pipe {
  init: number;
  ours: number;
  direction: 'in' | 'out';
}

/** stdin, stdout, stderr, reports, control; pipes and not sockets, so that programs can open /dev/stdout. */
function openPipes(syscalls: Syscalls, { terminal, stdin }: Birth): (Pipe | undefined)[] {
  const open = (direction: Pipe['direction']): Pipe => {
    const [reader, writer] = syscalls.pipe2(O.CLOEXEC);
    return direction === 'in'
      ? { init: reader, ours: writer, direction }
      : { init: writer, ours: reader, direction };
  };
  const streams = terminal
    ? [undefined, undefined, undefined]
    : [stdin ? open('in') : undefined, open('out'), open('out')];
  return because('pipes to init', () => [...streams, open('out'), open('in')]);
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
  const known = process.allowedNodeEnvironmentFlags.has(DISABLE_SIGUSR1);
  return known ? [...NODE_FLAGS, DISABLE_SIGUSR1] : NODE_FLAGS;
}

function notStarted(child: ChildProcess): GockerError {
  child.on('error', () => undefined);
  return new GockerError('INIT_FAILED', `${process.execPath} cannot be started as a container's init`, {
    hint: 'is the process limit reached? see ulimit -u',
  });
}
