/** How a pull is shown: on stderr, live on a terminal, else in a few plain lines. */

import { constants } from 'node:os';
import type { LayerProgress, PullObserver } from '../engine.ts';
import { EXIT } from '../errors.ts';
import { shortOf } from '../image/digest.ts';
import { formatSize } from './format.ts';

const SILENT: PullObserver = { started() {}, found() {}, layer() {}, async ended() {} };

/** An observer for one pull; a silent one when asked. */
export function pullProgress({ quiet = false }: { quiet?: boolean | undefined } = {}): PullObserver {
  if (quiet) return SILENT;
  // A terminal that knows no size cannot be drawn on.
  const isLive = process.stderr.isTTY && process.stderr.columns > 0;
  return isLive ? liveProgress() : plainProgress((line) => process.stderr.write(`${line}\n`));
}

/** A line at the start and one for each layer that is there, in docker's words. */
export function plainProgress(print: (line: string) => void): PullObserver {
  return {
    started: (tag, path) => print(`${tag}: Pulling from ${path}`),
    found() {},
    layer(progress) {
      if (progress.phase === 'done' || progress.phase === 'exists') print(layerLine(progress));
    },
    async ended() {},
  };
}

/** `aabbccddeeff: Downloading 3.1MB/7.8MB`. */
export function layerLine({ digest, phase, current, total }: LayerProgress): string {
  const amount = `${formatSize(current)}/${formatSize(total)}`;
  const words = {
    waiting: 'Waiting',
    downloading: `Downloading ${amount}`,
    unpacking: `Extracting ${amount}`,
    done: 'Pull complete',
    exists: 'Already exists',
  };
  return `${shortOf(digest)}: ${words[phase]}`;
}

interface Task {
  title: string;
}

/** A spinner until the layers are known, then a line for each of them. */
function liveProgress(): PullObserver {
  const tasks = new Map<string, { task?: Task; line: string; end(): void; ended: Promise<void> }>();
  let spinner: { stop(): unknown } | undefined;
  let steps: Promise<unknown> = Promise.resolve();
  let restore = () => {};
  const then = (step: () => Promise<unknown>) => {
    steps = steps.then(step);
  };
  return {
    started(tag, path) {
      restore = leaveCleanly();
      then(async () => {
        const { default: ora } = await import('ora');
        spinner = ora({
          text: `${tag}: Pulling from ${path}`,
          stream: process.stderr,
          discardStdin: false,
        }).start();
      });
    },
    found(image) {
      for (const { digest } of image.layers) {
        let end = () => {};
        const ended = new Promise<void>((resolve) => {
          end = resolve;
        });
        tasks.set(digest, { line: `${shortOf(digest)}: Waiting`, end, ended });
      }
      then(async () => {
        spinner?.stop();
        await showTasks(tasks);
      });
    },
    layer(progress) {
      const known = tasks.get(progress.digest);
      if (!known) return;
      known.line = layerLine(progress);
      if (known.task) known.task.title = known.line;
      if (progress.phase === 'done' || progress.phase === 'exists') known.end();
    },
    async ended() {
      for (const { end } of tasks.values()) end();
      await steps;
      spinner?.stop();
      restore();
    },
  };
}

/** Resolves when all have ended; nothing is drawn after that. */
async function showTasks(
  tasks: Map<string, { task?: Task; line: string; ended: Promise<void> }>,
): Promise<void> {
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2');
  const logger = new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) });
  const list = [...tasks.values()].map((entry) => ({
    title: entry.line,
    task: async (_: unknown, task: Task) => {
      entry.task = task;
      task.title = entry.line;
      await entry.ended;
    },
  }));
  await new Listr(list, {
    concurrent: true,
    registerSignalListeners: false,
    fallbackRendererCondition: false,
    rendererOptions: { logger },
  }).run();
}

/** A signal in the middle of a pull ends it as it would without us, but gives the cursor back first. */
function leaveCleanly(): () => void {
  const leave = (name: NodeJS.Signals) => process.exit(EXIT.SIGNAL_BASE + constants.signals[name]);
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, leave);
  return () => {
    for (const name of names) process.off(name, leave);
  };
}
