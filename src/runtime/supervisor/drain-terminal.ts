import { spawn } from 'node:child_process';
import { CLOSE_RANGE_CLOEXEC } from '../../../native/constants.ts';
import type { Syscalls } from '../../../native/syscalls.ts';

/** A terminal whose last program has ended reads EIO, and the reader ends with it. */
const READ_TO_THE_END = "process.stdin.on('error', () => {}).resume()";
const NODE_FLAGS = ['--no-warnings', '--max-semi-space-size=1', '--v8-pool-size=0', '--optimize-for-size'];
const FIRST_FD = 3;
const LAST_FD = 0xffffffff;

/**
 * Keeps a terminal open beyond the end of this process, by one of its own that throws away what is written to it: without
 * it the program would be hung up on, or wait for a reader.
 */
export function drainTerminal(syscalls: Pick<Syscalls, 'close_range'>, terminal: number): void {
  // Whoever reads from a pipe that the caller left open would wait for its end.
  syscalls.close_range(FIRST_FD, LAST_FD, CLOSE_RANGE_CLOEXEC);
  const child = spawn(process.execPath, [...NODE_FLAGS, '-e', READ_TO_THE_END], {
    argv0: 'gocker-terminal',
    env: {},
    cwd: '/',
    detached: true,
    stdio: [terminal, 'ignore', 'ignore'],
  });
  child.on('error', () => undefined);
  child.unref();
}
