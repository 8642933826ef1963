import type { Outcome, ProcessPlan, RunningProcess, Streams } from '../runtime/types.ts';
import { begin, ended, letGo, neverRan } from './charge.ts';
import type { ContainerContext } from './context.ts';
import { type CreateRequest, createContainer } from './create.ts';
import { watchHealth } from './health.ts';
import { listContainers } from './list.ts';
import { type LogWriter, openLog } from './logs/open.ts';
import { logStreams } from './logs/streams.ts';
import { planStart } from './plan-start.ts';
import type { Container } from './schema.ts';

/** A container whose program runs. */
export interface RunningContainer extends Omit<RunningProcess, 'identity'> {
  id: string;
  name: string;
  /** Ends when the program has ended and the record says so (or is gone, where it was to be removed). */
  wait(): Promise<Outcome>;
}

/**
 * Creates a container and starts its program; this process is its supervisor. Throws GockerErrors with exit code 125,
 * 126 or 127 when the program never ran; the container then stays, as docker leaves it, unless it was to be removed.
 */
export async function runContainer(
  context: ContainerContext,
  request: CreateRequest,
  streams: Streams,
): Promise<RunningContainer> {
  const { options } = request;
  const container = await createContainer(context, { ...request, onID: context.runtime.place });
  options.onStarting?.();
  let release = () => {};
  const connect = (log: LogWriter) => {
    const connected = logStreams(streams, log);
    release = connected.release;
    return connected;
  };
  const onBegun = () => clearUp(context);
  const start = { connect, size: options.size, onBegun };
  const program = await startProgram(context, container, start).catch((error) => {
    release();
    throw error;
  });
  const { process } = program;
  const end = superviseToEnd(context, container, program).finally(release);
  // Whoever waits is told; that nobody waits is no reason to die.
  end.catch(() => undefined);
  return {
    id: container.id,
    name: container.config.name,
    signal: (signal) => process.signal(signal),
    resize: (size) => process.resize(size),
    wait: () => end,
  };
}

/** A program that runs, and what keeps its words. */
export interface LoggedProgram {
  process: RunningProcess;
  log: LogWriter;
}

export interface Start {
  /** The streams for a program whose words are kept in `log`. */
  connect(log: LogWriter): Streams;
  size: ProcessPlan['size'] | undefined;
  /** Called when the record says that the program runs, and before it does. */
  onBegun?(): void;
}

/** Starts the program of a container that is in this process's charge; lets it go when that fails. */
export async function startProgram(
  context: ContainerContext,
  container: Container,
  { connect, size, onBegun }: Start,
): Promise<LoggedProgram> {
  try {
    const log = openLog(context, container);
    const plan = await planStart(context, container, size);
    const process = await context.runtime.run(plan, connect(log), async (identity) => {
      await begin(context, container, identity);
      onBegun?.();
    });
    return { process, log };
  } catch (error) {
    await context.runtime.destroy(container.id);
    await letGo(context, container.id, (state) => neverRan(state, error));
    throw error;
  }
}

/** What a killed process may have left; nobody waits for that. */
function clearUp(context: ContainerContext): void {
  setImmediate(() => listContainers(context).catch(() => undefined));
}

async function superviseToEnd(
  context: ContainerContext,
  container: Container,
  program: LoggedProgram,
): Promise<Outcome> {
  const outcome = await endOf(context, container, program);
  await letGo(context, container.id, (state) => ended(state, outcome, context.now()));
  if (outcome.outputError) throw outcome.outputError;
  return outcome;
}

/** Waits for the end of a program, looking after its health meanwhile. */
export async function endOf(
  context: ContainerContext,
  container: Container,
  { process, log }: LoggedProgram,
): Promise<Outcome> {
  const stopWatching = watchHealth(context, container, process.identity);
  try {
    return await process.wait();
  } finally {
    stopWatching();
    log.close();
  }
}
