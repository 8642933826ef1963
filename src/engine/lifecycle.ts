import { attachContainer } from '../container/attach.ts';
import { type Booted, bootContainers } from '../container/boot.ts';
import type { ContainerContext } from '../container/context.ts';
import { findContainer } from '../container/find.ts';
import { killContainer } from '../container/kill.ts';
import { type LogEntry, type LogOptions, readLog } from '../container/logs/read.ts';
import { restartContainer } from '../container/restart.ts';
import type { RunningContainer } from '../container/run.ts';
import type { Container } from '../container/schema.ts';
import { type AttachRequest, startAttached, startContainer } from '../container/start.ts';
import { type StopOptions, stopContainer } from '../container/stop.ts';
import { waitForContainer } from '../container/wait.ts';
import type { Streams } from '../runtime/types.ts';

/** What can be done with a container that exists; each names it by name, ID, or beginning of an ID. */
export interface Lifecycle {
  findContainer(container: string): Promise<Container>;
  /** Starts its program under a monitor; nothing where it runs. */
  start(container: string): Promise<void>;
  /** The same with this process attached to it. */
  startAttached(container: string, request: AttachRequest): Promise<RunningContainer>;
  /** Connects this process to a program that runs. */
  attach(container: string, streams: Streams): Promise<RunningContainer>;
  stop(container: string, options?: StopOptions): Promise<void>;
  restart(container: string, options?: StopOptions): Promise<void>;
  /** Sends a signal, by name or number; SIGKILL without one. */
  kill(container: string, signal?: string): Promise<void>;
  /** Resolves at the end of its program, to the exit code. */
  wait(container: string): Promise<number>;
  logs(container: string, options?: LogOptions): AsyncIterable<LogEntry>;
  /** Starts what its policy asks for after a boot. */
  boot(): Promise<Booted[]>;
}

export function createLifecycle(ready: () => Promise<ContainerContext>): Lifecycle {
  return {
    findContainer: async (text) => findContainer(await ready(), text),
    start: async (text) => startContainer(await ready(), text),
    startAttached: async (text, request) => startAttached(await ready(), text, request),
    attach: async (text, streams) => attachContainer(await ready(), text, streams),
    stop: async (text, options) => stopContainer(await ready(), text, options),
    restart: async (text, options) => restartContainer(await ready(), text, options),
    kill: async (text, signal) => killContainer(await ready(), text, signal),
    wait: async (text) => waitForContainer(await ready(), text),
    boot: async () => bootContainers(await ready()),
    async *logs(text, options) {
      const context = await ready();
      yield* readLog(context, await findContainer(context, text), options);
    },
  };
}
