/** A real terminal for tests: a window of a tmux server of its own. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GOCKER, type Gocker } from './helpers.ts';

export interface Terminal {
  /** Types the text as it is; `\r` is the Enter key. */
  type(text: string): void;
  /** Presses keys by tmux's names: `C-c`, `C-p`, `Enter`, `Up`. */
  press(...keys: string[]): void;
  resize(size: { columns: number; rows: number }): void;
  /** What one sees, without trailing blanks. */
  screen(): string;
  /** Whether the cursor is to be seen. */
  hasCursor(): boolean;
  /** Resolves when the screen matches; rejects with the screen after ten seconds, or GOCKER_TEST_SLOW times that. */
  waitFor(pattern: RegExp): Promise<void>;
  /** The exit code of the program, once it has ended; 128 + n when a signal ended it. */
  exitCode(): Promise<number>;
  close(): void;
}

const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

let counter = 0;

/** Opens an 80x24 terminal in which gocker runs; `close` it in the end. */
export function openTerminal(gocker: Gocker, args: string[]): Terminal {
  return openShell(gocker, [process.execPath, GOCKER, ...args].map(quote).join(' '));
}

/** The same with a line of shell; gocker's roots are in the environment. */
export function openShell(gocker: Gocker, line: string): Terminal {
  const server = `gocker-${process.pid}-${counter++}`;
  const tmux = (...args: string[]) =>
    execFileSync('tmux', ['-L', server, ...args], {
      env: { ...gocker.env, TERM: 'xterm' },
      encoding: 'utf8',
    });
  const ended = join(gocker.env.HOME ?? '', `${server}.exit`);
  // In a file, not among a shell's arguments: tests look for processes by their arguments.
  const script = join(gocker.env.HOME ?? '', `${server}.sh`);
  writeFileSync(script, line);
  const size = ['-x', '80', '-y', '24'];
  tmux('-f', '/dev/null', 'new-session', '-d', ...size, ';', 'set', '-g', 'remain-on-exit', 'on');
  tmux('respawn-pane', '-k', `sh ${quote(script)}; echo $? >${quote(ended)}`);
  const screen = () => tmux('capture-pane', '-p').trimEnd();
  return {
    type: (text) => void tmux('send-keys', '-l', text),
    press: (...keys) => void tmux('send-keys', ...keys),
    resize: ({ columns, rows }) => void tmux('resize-window', '-x', `${columns}`, '-y', `${rows}`),
    screen,
    hasCursor: () => tmux('display-message', '-p', '#{cursor_flag}').trim() === '1',
    waitFor: (pattern) => until(() => pattern.test(screen()), screen),
    exitCode: async () => {
      await until(() => existsSync(ended) && readFileSync(ended, 'utf8').endsWith('\n'), screen);
      return Number(readFileSync(ended, 'utf8'));
    },
    close: () => void tmux('kill-server'),
  };
}

/** Emulated machines are slower by this factor. */
const SLOW = Number(process.env.GOCKER_TEST_SLOW ?? 1);

async function until(condition: () => boolean, screen: () => string): Promise<void> {
  const deadline = Date.now() + 10_000 * SLOW;
  while (Date.now() < deadline) {
    if (condition()) return;
    await sleep(50);
  }
  throw new Error(`not seen in time; the screen shows:\n${screen()}`);
}
