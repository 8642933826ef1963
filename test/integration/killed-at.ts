import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { GOCKER, type Gocker } from './helpers.ts';

/** True when every step is to be killed; otherwise a few, so that one run of all tests stays short. */
export const EVERY_STEP = process.env.GOCKER_TEST_SWEEP === 'all';
const MOST = 400;

/** The numbers of the steps to kill, `few` of them where not all are asked for. */
export function stepsToKill(few: number[]): number[] {
  return EVERY_STEP ? Array.from({ length: MOST }, (_, index) => index + 1) : few;
}

/** Runs gocker with each thread of it and its children killed at its `nth` call of these; false when none had so many. */
export async function killedAt(
  gocker: Gocker,
  { calls, nth, args }: { calls: string; nth: number; args: string[] },
): Promise<boolean> {
  const trace = join(gocker.root, '../trace');
  const inject = ['-e', `trace=${calls}`, '-e', `inject=${calls}:signal=SIGKILL:when=${nth}`];
  const child = spawn('strace', ['-f', '-qq', '-o', trace, ...inject, process.execPath, GOCKER, ...args], {
    env: gocker.env,
    stdio: 'ignore',
  });
  let hangs = false;
  const timer = setTimeout(() => {
    hangs = true;
    child.kill('SIGKILL');
  }, 60_000);
  await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  expect({ calls, nth, hangs }).toEqual({ calls, nth, hangs: false });
  return readFileSync(trace, 'utf8').includes('killed by SIGKILL');
}
