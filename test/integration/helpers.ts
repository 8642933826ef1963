/** What the integration tests stand on: gocker as a process, in roots of its own, and nothing left afterwards. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, inject } from 'vitest';
import { added, leakSnapshot } from '../../scripts/leaks.js';
import type { Ground } from './setup.ts';

export { leakSnapshot } from '../../scripts/leaks.js';

/** Where the registry is. Its images are told in ground/images.ts. */
export function ground(): Ground {
  return inject('ground');
}

/** `describe`, skipped where integration tests cannot run; setup.ts has printed why. */
export const integration = describe.skipIf(inject('ground').reason !== '');

/** `busybox:1` as gocker is told it: `127.0.0.1:PORT/busybox:1`. */
export function image(name: string): string {
  return `${ground().registry}/${name}`;
}

/** How a gocker process ended. */
export interface Result {
  /** 128 + n when a signal ended it, as a shell says it. */
  code: number;
  stdout: string;
  stderr: string;
}

export interface Options {
  /** What it reads from stdin; without it, stdin is empty. */
  input?: string | Buffer;
  /** More environment variables. */
  env?: Record<string, string>;
  cwd?: string;
  /** Killed after this time, 60 s without. */
  timeoutMs?: number;
}

/** A gocker process that still runs. */
export interface Running {
  child: ChildProcess;
  /** What it has printed up to now. */
  output(): { stdout: string; stderr: string };
  /** Resolves when stdout contains the text; rejects when the process ends before. */
  waitFor(text: string): Promise<void>;
  ended: Promise<Result>;
}

export interface Gocker {
  (args: string[], options?: Options): Promise<Result>;
  start(args: string[], options?: Options): Running;
  /** GOCKER_ROOT of all its processes. */
  root: string;
  /** The environment of its processes, for tests that start them in other ways. */
  env: Record<string, string>;
}

/** bin/run.js of this checkout. */
export const GOCKER = join(import.meta.dirname, '../../bin/run.js');

const SIGNALS: Record<string, number> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGTERM: 15,
};

/** The directories of all in this file that are not through yet. */
const inUse = new Set<string>();

/** gocker with a root of its own, for the tests of one file; removed after them, and checked for leaks. */
export function useGocker(): Gocker {
  const before = leakSnapshot();
  const directory = mkdtempSync(join(tmpdir(), 'gocker-test-'));
  inUse.add(directory);
  const root = join(directory, 'root');
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: directory,
    TMPDIR: process.env.TMPDIR ?? '/tmp',
    GOCKER_ROOT: root,
    GOCKER_RUN: join(directory, 'run'),
  };
  const started = new Set<ChildProcess>();
  const start = (args: string[], options: Options = {}) => {
    const running = launch(args, env, options);
    started.add(running.child.once('close', () => started.delete(running.child)));
    return running;
  };
  const gocker = (args: string[], options?: Options) => start(args, options).ended;
  afterAll(async () => {
    await endAll(gocker, started);
    rmSync(directory, { recursive: true, force: true });
    inUse.delete(directory);
    await expectNoLeaks(before);
  });
  return Object.assign(gocker, { start, root, env });
}

/** What a failed test has left running must not disturb the next file. */
async function endAll(
  gocker: (args: string[]) => Promise<Result>,
  started: Set<ChildProcess>,
): Promise<void> {
  for (const child of started) child.kill('SIGKILL');
  const ids = (await gocker(['ps', '-aq'])).stdout.split('\n').filter(Boolean);
  if (ids.length > 0) await gocker(['rm', '-f', ...ids]);
  await gocker(['network', 'prune', '-f']);
}

function launch(args: string[], env: Record<string, string>, options: Options): Running {
  const child = spawn(process.execPath, [GOCKER, ...args], {
    env: { ...env, ...options.env },
    cwd: options.cwd,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    timeout: options.timeoutMs ?? 60_000 * Number(process.env.GOCKER_TEST_SLOW ?? 1),
    killSignal: 'SIGKILL',
  });
  const seen = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    seen.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    seen.stderr += text;
  });
  child.stdin?.on('error', () => undefined).end(options.input);
  const ended = new Promise<Result>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) =>
      resolve({ code: code ?? 128 + (SIGNALS[signal ?? ''] ?? 0), ...seen }),
    );
  });
  return { child, ended, output: () => ({ ...seen }), waitFor: (text) => appears(child, seen, text) };
}

async function appears(
  child: ChildProcess,
  seen: { stdout: string; stderr: string },
  text: string,
): Promise<void> {
  while (!seen.stdout.includes(text)) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`gocker ended without printing ${text}: ${seen.stdout}${seen.stderr}`);
    }
    await sleep(20);
  }
}

/** Fails when, five seconds after, something is there that was not in `before`. */
export async function expectNoLeaks(before: ReturnType<typeof leakSnapshot>): Promise<void> {
  let left: string[] = [];
  for (let attempt = 0; attempt < 25; attempt++) {
    left = added(before, leakSnapshot()).filter((line) => !inUse.has(line.replace(/^file: /, '')));
    if (left.length === 0) return;
    await sleep(200);
  }
  expect(left).toEqual([]);
}
