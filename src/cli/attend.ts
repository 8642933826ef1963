import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { UsageError } from '../errors.ts';
import type { Outcome, RunningProcess, Streams } from '../runtime/types.ts';
import { forwardedSignals } from './forwarded-signals.ts';

/** PID 1 of a container may ignore Ctrl-C; whoever asks this often means it. */
const ENOUGH = 3;

export interface AttendOptions {
  /** The program has a terminal of its own. */
  tty: boolean;
  /** Standard input is connected. */
  interactive: boolean;
  /** Signals are the program's; true when absent. */
  sigProxy?: boolean;
}

/** Puts a terminal into raw mode; what it returns gives it back. */
type MakeRaw = (fd: number) => () => void;

/** Throws a UsageError when a terminal is wanted and there is none. */
export function requireTerminal({ tty, interactive }: AttendOptions): void {
  if (tty && interactive && !process.stdin.isTTY) {
    throw new UsageError('NOT_A_TTY', 'the input device is not a terminal', { hint: 'leave out -t' });
  }
}

/** The streams of this process for a program. */
export function ownStreams({ interactive }: Pick<AttendOptions, 'interactive'>): Streams {
  return {
    ...(interactive ? { stdin: process.stdin } : {}),
    stdout: process.stdout,
    stderr: process.stderr,
  };
}

/** Rows and columns of our own terminal. */
export function ownSize(): { rows: number; columns: number } | undefined {
  const { rows, columns } = process.stdout;
  return rows && columns ? { rows, columns } : undefined;
}

/** The supervision of one program, from just before it starts. */
export interface Attention {
  /** From now on signals are the program's; those that come before it runs are kept for it. */
  begin(): void;
  /** Stays with the program to its end: hands on signals and the terminal's size, and keys one by one. */
  follow(program: Omit<RunningProcess, 'identity'>, makeRaw: MakeRaw): Promise<Outcome>;
  /** Signals are gocker's own again; to be called whatever the outcome. */
  end(): void;
}

export function attendance(options: AttendOptions): Attention {
  const signals = options.sigProxy === false ? NO_SIGNALS : forwardSignals(hasTerminal());
  return {
    begin: signals.begin,
    end: signals.end,
    async follow(program, makeRaw) {
      signals.begin();
      signals.to(program);
      const restore = options.tty && options.interactive ? rawTerminal(makeRaw) : () => {};
      const resize = () => {
        const size = ownSize();
        if (size) program.resize(size);
      };
      if (options.tty) {
        process.stdout.on('resize', resize);
        resize();
      }
      try {
        return await program.wait();
      } finally {
        process.stdout.off('resize', resize);
        restore();
      }
    },
  };
}

const NO_SIGNALS = { begin: () => {}, to: (_program: Pick<RunningProcess, 'signal'>) => {}, end: () => {} };

/** A shell may stop us and let us go on, and a window have a size. */
function hasTerminal(): boolean {
  return [0, 1, 2].some(isatty);
}

function forwardSignals(isTerminal: boolean) {
  let program: Pick<RunningProcess, 'signal'> | undefined;
  const names = forwardedSignals(isTerminal);
  const early: number[] = [];
  let asked = 0;
  const forward = (name: NodeJS.Signals) => {
    if (name === 'SIGINT' || name === 'SIGTERM') asked++;
    const signal = constants.signals[asked >= ENOUGH ? 'SIGKILL' : name];
    if (program) program.signal(signal);
    else early.push(signal);
  };
  const end = () => {
    for (const name of names) process.off(name, forward);
  };
  return {
    begin() {
      end();
      for (const name of names) process.on(name, forward);
    },
    to(started: Pick<RunningProcess, 'signal'>) {
      program = started;
      for (const signal of early) started.signal(signal);
    },
    end,
  };
}

/** Keys go to the program as they are typed; whatever ends this process gives the terminal back. */
function rawTerminal(makeRaw: MakeRaw): () => void {
  const restore = makeRaw(0);
  process.once('exit', restore);
  return () => {
    process.off('exit', restore);
    restore();
  };
}
