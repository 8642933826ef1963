import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { CLOSE_RANGE_CLOEXEC } from '../../../native/constants.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { EXIT, GockerError } from '../../errors.ts';
import { linesOf } from '../../runtime/lines.ts';
import type { ProcessIdentity } from '../../runtime/types.ts';

/** What a monitor is told on its pipe. */
export interface LaunchRequest {
  id: string;
  /** Who hands the container over; absent when nobody looks after it. */
  from?: ProcessIdentity;
  /** Somebody attaches before the program starts. */
  attach: boolean;
  size?: { rows: number; columns: number };
}

/** What the monitor is besides told of the place where it works. */
export interface MonitorPlace {
  root: string;
  runRoot: string;
  /** The one that was asked for. */
  storageDriver?: string;
  /** The packages that may declare drivers. */
  packages: { name: string; root: string; pjson: object }[];
}

/** What a monitor says until its program runs; the pipe ends then. */
export type MonitorReport =
  | { type: 'said'; message: string }
  | { type: 'listening' }
  | { type: 'started' }
  | { type: 'failed'; code: string; message: string; hint?: string; exitCode?: number };

/** A monitor on its way. */
export interface Launched {
  /** Resolves when one can attach; rejects as `started` does. */
  listening(): Promise<void>;
  /** Resolves when the program runs; rejects with the GockerError that says why it does not. */
  started(): Promise<void>;
}

/** What launching a monitor needs; nobody hears later what its drivers have to say, so that `log` gets it now. */
export interface LaunchPlace extends MonitorPlace {
  script: string;
  log(message: string): void;
}

/** Where the monitor reads its request, and where it reports. */
export const REQUEST_FD = 3;
export const REPORT_FD = 4;

/** A monitor lives as long as its container, and there may be hundreds: memory counts for more than speed. */
const NODE_FLAGS = [
  '--no-warnings',
  '--inspect-port=192.0.2.1:1024',
  '--max-semi-space-size=1',
  '--v8-pool-size=0',
  '--optimize-for-size',
  '--expose-gc',
];

/** mallopt(3): one arena, and one thread to wait for files, are enough for what a monitor does. */
const ENVIRONMENT = { MALLOC_ARENA_MAX: '1', UV_THREADPOOL_SIZE: '1' };
const LAST_FD = 0xffffffff;

/** Starts a monitor in a session of its own, that holds nothing of the caller's: no terminal, no stream, no variable. */
export function launchMonitor(
  syscalls: Pick<Syscalls, 'close_range'>,
  { script, log, ...place }: LaunchPlace,
  request: LaunchRequest,
): Launched {
  // A pipe that the caller left open would stay open in the monitor: whoever reads from it would wait for its end.
  syscalls.close_range(REQUEST_FD, LAST_FD, CLOSE_RANGE_CLOEXEC);
  const child = spawn(process.execPath, [...NODE_FLAGS, script, request.id], {
    argv0: 'gocker-monitor',
    env: ENVIRONMENT,
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  child.on('error', () => undefined);
  const control = child.stdio[REQUEST_FD] as Socket;
  const reports = child.stdio[REPORT_FD] as unknown as Socket;
  control.on('error', () => undefined);
  control.end(`${JSON.stringify({ ...place, ...request })}\n`);
  const lines = linesOf(reports);
  const next = async (): Promise<MonitorReport | undefined> => {
    const { value, done } = await lines.next();
    const report = done ? undefined : (JSON.parse(value) as MonitorReport);
    if (report?.type !== 'said') return report;
    log(report.message);
    return await next();
  };
  const expect = async (type: MonitorReport['type']) => {
    const report = await next();
    if (report?.type !== type) throw failure(report);
  };
  return {
    listening: () => expect('listening'),
    started: async () => {
      await expect('started');
      for (const handle of [control, reports]) handle.destroy();
      child.unref();
    },
  };
}

function failure(report: MonitorReport | undefined): GockerError {
  if (report?.type === 'failed') {
    const { code, message, hint, exitCode } = report;
    return new GockerError(code, message, { hint, exitCode });
  }
  return new GockerError('MONITOR_FAILED', 'the monitor of the container ended before its program ran', {
    hint: 'something killed it: look at dmesg for the OOM killer',
    exitCode: EXIT.ENGINE,
  });
}
