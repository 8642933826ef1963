/** Lines that change, on stderr: live on a terminal, else printed when they change no more. */

import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { EXIT, hasCode } from '../errors.ts';

/** One thing after the other: a title until it is known what is to be done, then a line for each part of it. */
export interface Display {
  begin(title: string): void;
  /** The parts, by key, and their first lines. */
  list(parts: [key: string, line: string][]): void;
  /** `line` is asked when it is drawn, which is not each time; `isOver`: it will change no more. */
  update(key: string, line: () => string, isOver: boolean): void;
  end(): Promise<void>;
}

/** Milliseconds from one look at the lines to the next. */
const EVERY = 200;

/** DECTCEM, "Text Cursor Enable Mode" (console_codes(4)). */
const SHOW_CURSOR = '\x1b[?25h';

const SILENT: Display = { begin() {}, list() {}, update() {}, async end() {} };

/** What fits stderr; a silent one when asked. */
export function openDisplay({ quiet = false }: { quiet?: boolean | undefined } = {}): Display {
  if (quiet) return SILENT;
  // A terminal that knows no size cannot be drawn on.
  const isLive = process.stderr.isTTY && process.stderr.columns > 0;
  return isLive ? liveDisplay() : plainDisplay((line) => process.stderr.write(`${line}\n`));
}

/** A line at the start and the last one of each part. */
export function plainDisplay(print: (line: string) => void): Display {
  return {
    begin: print,
    list() {},
    update(_key, line, isOver) {
      if (isOver) print(line());
    },
    async end() {},
  };
}

interface Task {
  title: string;
}

interface Part {
  task?: Task;
  line(): string;
  end(): void;
  ended: Promise<void>;
}

/** A spinner until the parts are known, then a line for each of them. */
function liveDisplay(): Display {
  const parts = new Map<string, Part>();
  let spinner: { stop(): unknown } | undefined;
  let steps: Promise<unknown> = Promise.resolve();
  let restore = () => {};
  let painting: NodeJS.Timeout | undefined;
  const then = (step: () => Promise<unknown>) => {
    steps = steps.then(step);
  };
  return {
    begin(title) {
      parts.clear();
      restore = leaveCleanly();
      then(async () => {
        const { default: ora } = await import('ora');
        spinner = ora({ text: title, stream: process.stderr, discardStdin: false }).start();
      });
    },
    list(lines) {
      for (const [key, line] of lines) parts.set(key, openPart(line));
      painting = setInterval(() => paint(parts.values()), EVERY);
      painting.unref();
      then(async () => {
        spinner?.stop();
        await showParts([...parts.values()]);
      });
    },
    update(key, line, isOver) {
      const part = parts.get(key);
      if (!part) return;
      part.line = line;
      if (!isOver) return;
      paint([part]);
      part.end();
    },
    async end() {
      clearInterval(painting);
      for (const part of parts.values()) part.end();
      await steps;
      spinner?.stop();
      restore();
    },
  };
}

/** Every change of a title has the whole list drawn again. */
function paint(parts: Iterable<Part>): void {
  for (const { task, line } of parts) {
    const title = line();
    if (task && task.title !== title) task.title = title;
  }
}

function openPart(line: string): Part {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { line: () => line, end, ended };
}

/** Resolves when all have ended; nothing is drawn after that. */
async function showParts(parts: Part[]): Promise<void> {
  const { DefaultRenderer, Listr, ListrLogger, ProcessOutput } = await import('listr2');
  /** Whether stdout is a terminal, which listr2 asks about, does not matter on stderr. */
  class Renderer extends DefaultRenderer {
    static override nonTTY = true;
  }
  const logger = new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) });
  const list = parts.map((part) => ({
    title: part.line(),
    task: async (_: unknown, task: Task) => {
      part.task = task;
      task.title = part.line();
      await part.ended;
    },
  }));
  await new Listr(list, {
    concurrent: true,
    renderer: Renderer,
    registerSignalListeners: false,
    fallbackRendererCondition: false,
    rendererOptions: { logger },
  }).run();
}

/** Straight to the terminal: listr2 keeps what others write to stderr until it is through. */
function showCursor(): void {
  try {
    writeSync(process.stderr.fd, SHOW_CURSOR);
  } catch (error) {
    // The terminal has gone.
    if (!hasCode(error, 'EIO', 'EPIPE')) throw error;
  }
}

/**
 * A signal in the middle ends the process as it would without us, but gives the cursor back first. What the returned
 * function ends gives it back too: ora and listr2 each know only of what they hid themselves.
 */
function leaveCleanly(): () => void {
  const leave = (name: NodeJS.Signals) => {
    showCursor();
    process.exit(EXIT.SIGNAL_BASE + constants.signals[name]);
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, leave);
  return () => {
    showCursor();
    for (const name of names) process.off(name, leave);
  };
}
