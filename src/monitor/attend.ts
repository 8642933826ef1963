import { setTimeout as sleep } from 'node:timers/promises';
import { ended, letGo, neverRan, recordRestart, takeCharge } from '../container/charge.ts';
import type { ContainerContext } from '../container/context.ts';
import { whileLocked } from '../container/lock.ts';
import type { LaunchRequest, MonitorReport } from '../container/monitor/launch.ts';
import { readContainer, writeState } from '../container/record.ts';
import { restartDelay } from '../container/restart-policy.ts';
import { endOf, type LoggedProgram, startProgram } from '../container/run.ts';
import type { Container } from '../container/schema.ts';
import { stopSignalOf } from '../container/stop-signal.ts';
import type { RunningProcess } from '../runtime/types.ts';
import { type Hub, openHub } from './hub.ts';

/** Who waits for the monitor's first words. */
export interface Launcher {
  report(report: MonitorReport): void;
  /** Resolves when nobody listens any more. */
  gone: Promise<void>;
}

/** What comes to the monitor from outside. */
export interface Signals {
  /** Resolves at the next word that the record has changed. */
  woken(): Promise<void>;
  /** Called when the machine goes down; true from then on. */
  onTerminate(handler: () => void): void;
  terminating(): boolean;
}

interface Run extends LoggedProgram {
  startedMs: number;
}

/** Looks after one container until its program has ended for good. Throws what keeps it from being started. */
export async function attendContainer(
  context: ContainerContext,
  request: LaunchRequest,
  { launcher, signals }: { launcher: Launcher; signals: Signals },
): Promise<void> {
  const container = await takeCharge(context, request.id, request.from);
  let run: Run | undefined;
  const hub = await openFor(context, container, { request, launcher, current: () => run?.process });
  try {
    signals.onTerminate(() => run?.process.signal(stopSignalOf(container.config)));
    const begin = async () => {
      run = await startRun(context, container, { hub, size: request.size });
      return run;
    };
    await begin();
    launcher.report({ type: 'started' });
    await toTheEnd(context, container, { hub, signals, begin, first: run! });
  } finally {
    await hub.close();
  }
}

/** The socket, and where it is asked for somebody at it. */
async function openFor(
  context: ContainerContext,
  container: Container,
  {
    request,
    launcher,
    current,
  }: { request: LaunchRequest; launcher: Launcher; current(): RunningProcess | undefined },
): Promise<Hub> {
  try {
    const hub = await openHub(context.runRoot, container, {
      signal: (signal) => current()?.signal(signal),
      resize: (size) => current()?.resize(size),
    });
    if (request.attach) {
      launcher.report({ type: 'listening' });
      await Promise.race([hub.attached, launcher.gone]);
    }
    return hub;
  } catch (error) {
    await letGo(context, container.id, (state) => neverRan(state, error));
    throw error;
  }
}

async function startRun(
  context: ContainerContext,
  container: Container,
  { hub, size }: { hub: Hub; size: LaunchRequest['size'] },
): Promise<Run> {
  // Networks, limits and the name may have changed since the last start.
  const current = (await readContainer(context.root, container.id)) ?? container;
  const program = await startProgram(context, current, { connect: (log) => hub.streams(log), size });
  return { ...program, startedMs: performance.now() };
}

/** Waits, and starts the program again as long as the policy says so. */
async function toTheEnd(
  context: ContainerContext,
  container: Container,
  { hub, signals, begin, first }: { hub: Hub; signals: Signals; begin(): Promise<Run>; first: Run },
): Promise<void> {
  const { id, config } = container;
  let run = first;
  let waitedMs = 0;
  for (let restarts = 0; ; restarts++) {
    const outcome = await endOf(context, container, run);
    const ranMs = performance.now() - run.startedMs;
    const delay = restartDelay(config.restart, { exitCode: outcome.exitCode, ranMs, restarts, waitedMs });
    const again =
      delay !== undefined && !signals.terminating() && (await recordRestart(context, id, outcome));
    if (!again) {
      await hub.close();
      await letGo(context, id, (state) => ended(state, outcome, context.now()));
      return hub.ended(outcome);
    }
    hub.ended(outcome);
    waitedMs = delay;
    if (!(await mayStartAgain(context, id, { delay, signals }))) return;
    run = await begin();
  }
}

/** Waits as long as the policy wants; false when somebody has asked for the end meanwhile. */
async function mayStartAgain(
  context: ContainerContext,
  id: string,
  { delay, signals }: { delay: number; signals: Signals },
): Promise<boolean> {
  const timer = new AbortController();
  const waited = sleep(delay, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([waited, signals.woken()]);
  timer.abort();
  const may = await whileLocked(context, id, async ({ state }) => {
    if (!state.stopped && !signals.terminating()) return true;
    const { supervisor: _gone, ...rest } = state;
    await writeState(context.root, id, { ...rest, status: 'exited' });
    return false;
  });
  return may ?? false;
}
