import { setTimeout as sleep } from 'node:timers/promises';
import { ReadStream } from 'node:tty';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { setSize } from '../init/console.ts';
import { encodeMessage, GO, type InitRequest } from '../protocol.ts';
import type { ProcessIdentity, ProcessPlan, Streams } from '../types.ts';
import { drainTerminal } from './drain-terminal.ts';
import { type ProgramStreams, type Relay, relay } from './relay.ts';
import { type Reports, readReports } from './reports.ts';
import { endInit, type InitProcess } from './spawn-init.ts';

/** An init that has become its program. */
export interface StartedProgram {
  identity: ProcessIdentity;
  signal(signal: number): boolean;
  resize(size: { rows: number; columns: number }): void;
  /** The exit code as docker reports it, once the program has ended. */
  ended: Promise<number>;
  relay: Relay;
  /** Lets go of it; somebody else reads its terminal from now on. */
  leave(): void;
}

export interface Start {
  request: InitRequest;
  process: ProcessPlan;
  streams: Streams;
  /** Done while init is at other things; the program runs only after it has resolved. */
  meanwhile(pid: number): Promise<void>;
  /** Called once the program's process exists; it runs only after this has resolved. */
  onCreated?(identity: ProcessIdentity): void | Promise<void>;
}

/** Tells a fresh init what to become and follows it there. Rejects with what init reports; it has ended then. */
export async function startProgram(
  syscalls: Syscalls,
  init: InitProcess,
  start: Start,
): Promise<StartedProgram> {
  try {
    return await converse(syscalls, init, start);
  } catch (error) {
    await endInit(init);
    throw error;
  }
}

async function converse(
  syscalls: Syscalls,
  init: InitProcess,
  { request, process: plan, streams, meanwhile, onCreated }: Start,
): Promise<StartedProgram> {
  const reports = readReports(init.reports);
  init.control.on('error', () => undefined);
  init.control.write(encodeMessage(request));
  const { identity, pidfd, ended } = init;
  const aside = meanwhile(identity.pid);
  aside.catch(() => undefined);
  if (request.kind === 'run') await reports.expect('created');
  await orWhyInitEnded(init, reports, async () => onCreated?.(identity));
  const terminal = plan.terminal
    ? takeConsole(syscalls, pidfd, (await reports.expect('console')).fd)
    : undefined;
  const relaying = relay(streams, terminal ? bothWays(terminal.stream, streams) : pipes(init, plan, streams));
  for (const unused of terminal ? [init.stdin, init.stdout, init.stderr] : plan.stdin ? [] : [init.stdin])
    unused.destroy();
  await orWhyInitEnded(init, reports, () => aside);
  init.control.write(encodeMessage(GO));
  await reports.becomes();
  init.control.unref();
  return {
    identity,
    ended,
    relay: relaying,
    signal: (signal) =>
      send(syscalls, { pidfd, signal, ended: () => init.child.exitCode ?? init.child.signalCode }),
    resize: (size) => {
      if (terminal && !terminal.stream.destroyed) setSize(syscalls, terminal.fd, size);
    },
    leave: () => {
      if (terminal && !terminal.stream.destroyed) drainTerminal(syscalls, terminal.fd);
      relaying.stop();
      init.child.unref();
    },
  };
}

/** How long an init may take to end that others have missed already. */
const ENDING_MS = 1000;

/** What is done to an init that is just failing fails too: then what init says went wrong is the reason. */
async function orWhyInitEnded(init: InitProcess, reports: Reports, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const timer = new AbortController();
    const late = sleep(ENDING_MS, false, { signal: timer.signal }).catch(() => false);
    const hasEnded = await Promise.race([init.ended.then(() => true), late]);
    timer.abort();
    if (hasEnded) await reports.end();
    throw error;
  }
}

/** A copy of init's end of the terminal: no socket, no message, just pidfd_getfd(2). */
function takeConsole(syscalls: Syscalls, pidfd: number, fd: number) {
  const master = because('take the terminal from init', () => syscalls.pidfd_getfd(pidfd, fd));
  return { fd: master, stream: new ReadStream(master) };
}

function bothWays(terminal: ReadStream, streams: Streams): ProgramStreams {
  return { input: terminal, outputs: [{ from: terminal, to: streams.stdout }] };
}

function pipes(init: InitProcess, plan: ProcessPlan, streams: Streams): ProgramStreams {
  const outputs = [
    { from: init.stdout, to: streams.stdout },
    { from: init.stderr, to: streams.stderr },
  ];
  return { input: plan.stdin ? init.stdin : undefined, outputs };
}

function send(
  syscalls: Syscalls,
  { pidfd, signal, ended }: { pidfd: number; signal: number; ended(): unknown },
): boolean {
  if (ended() !== null) return false;
  syscalls.pidfd_send_signal(pidfd, signal);
  return true;
}
