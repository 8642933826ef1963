/** The monitor: looks after one container that no terminal waits for. Started by `launchMonitor`, ends with its container. */
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { createSyscalls } from '../../native/index.ts';
import { trimMemory } from '../../native/trim.ts';
import {
  type LaunchRequest,
  type MonitorPlace,
  type MonitorReport,
  REPORT_FD,
  REQUEST_FD,
} from '../container/monitor/launch.ts';
import { openContainers } from '../engine/containers.ts';
import { GockerError } from '../errors.ts';
import { createRuntime } from '../runtime/index.ts';
import { attendContainer, type Launcher, type Signals } from './attend.ts';

/** From the start of the program on: when all that was needed for it has become garbage. */
const SETTLED_MS = 1000;

process.umask(0o022);
const here = dirname(process.argv[1] ?? '');
const syscalls = createSyscalls();
const runtime = createRuntime({ syscalls, initScript: join(here, 'init.cjs') });
runtime.warm();
const signals = listenToSignals();
const launcher = openLauncher();
const request = JSON.parse(readFileSync(REQUEST_FD, 'utf8')) as LaunchRequest & MonitorPlace;
const context = openContainers({
  ...request,
  syscalls,
  runtime,
  monitorScript: join(here, 'monitor.cjs'),
  log: (message) => launcher.report({ type: 'said', message }),
});
attendContainer(context, request, { launcher, signals }).catch((error: unknown) => {
  launcher.report(failed(error));
  process.exitCode = 1;
});

function openLauncher(): Launcher {
  const socket = new Socket({ fd: REPORT_FD });
  const gone = new Promise<void>((resolve) => {
    socket.once('close', resolve);
  });
  socket.on('error', () => socket.destroy());
  socket.resume();
  return {
    gone,
    report(report) {
      const line = `${JSON.stringify(report)}\n`;
      // On a machine that is busy the start takes long, and before its end there is nothing to collect.
      if (report.type === 'started') setTimeout(collectGarbage, SETTLED_MS).unref();
      if (!socket.writable) return;
      if (report.type === 'listening' || report.type === 'said') socket.write(line);
      else socket.end(line);
    },
  };
}

function failed(error: unknown): MonitorReport {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof GockerError)) return { type: 'failed', code: 'MONITOR_FAILED', message };
  const { code, hint, exitCode } = error;
  return {
    type: 'failed',
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(exitCode === undefined ? {} : { exitCode }),
  };
}

/** SIGTERM comes when the machine goes down, SIGUSR2 from a gocker that has changed the record; nothing else is for us. */
function listenToSignals(): Signals {
  let isTerminating = false;
  let terminate = () => {};
  let wake = () => {};
  process.on('SIGTERM', () => {
    isTerminating = true;
    terminate();
    wake();
  });
  process.on('SIGUSR2', () => wake());
  for (const name of ['SIGHUP', 'SIGINT', 'SIGQUIT'] as const) process.on(name, () => undefined);
  return {
    woken: () =>
      new Promise((resolve) => {
        wake = resolve;
      }),
    onTerminate: (handler) => {
      terminate = handler;
    },
    terminating: () => isTerminating,
  };
}

/** V8 gives memory back some seconds after a collection that is followed by silence, and collects nothing of itself by then. */
function collectGarbage(): void {
  (globalThis as { gc?(): void }).gc?.();
  trimMemory();
}
