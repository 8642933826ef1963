import { EXIT, GockerError } from '../errors.ts';
import type { Outcome, ProcessIdentity, RunningProcess, Streams } from '../runtime/types.ts';
import type { ContainerContext } from './context.ts';
import { type CreateRequest, createContainer } from './create.ts';
import { deleteContainer } from './delete.ts';
import { whileLocked } from './lock.ts';
import { attachNetwork, detachNetwork } from './network.ts';
import { writeState } from './record.ts';
import { type Container, type ContainerState, RECORD_VERSION } from './schema.ts';

/** A container whose program runs; this process is its supervisor. */
export interface RunningContainer extends Omit<RunningProcess, 'identity'> {
  id: string;
  name: string;
  /** Ends when the program has ended and the record says so (or is gone, where it was to be removed). */
  wait(): Promise<Outcome>;
}

/**
 * Creates a container and starts its program. Throws GockerErrors with exit code 125, 126 or 127 when the program never
 * ran; the container then stays, as docker leaves it, unless it was to be removed.
 */
export async function runContainer(
  context: ContainerContext,
  request: CreateRequest,
  streams: Streams,
): Promise<RunningContainer> {
  const { container, plan } = await createContainer(context, request);
  const { id } = container;
  const onCreated = (identity: ProcessIdentity) => begin(context, container, identity);
  request.options.onStarting?.();
  const process = await context.runtime.run(plan, streams, onCreated).catch(async (error: unknown) => {
    await letGo(context, id, () => neverRan(error));
    throw error;
  });
  const end = supervise(context, id, process);
  // Whoever waits is told; that nobody waits is no reason to die.
  end.catch(() => undefined);
  return {
    id,
    name: container.config.name,
    signal: (signal) => process.signal(signal),
    resize: (size) => process.resize(size),
    wait: () => end,
  };
}

async function supervise(context: ContainerContext, id: string, process: RunningProcess): Promise<Outcome> {
  const outcome = await process.wait();
  await letGo(context, id, (state) => ended(state, outcome, context.now()));
  return outcome;
}

/** The container's PID 1 exists and waits: from now on anybody can clean up after a crash of ours. */
async function begin(
  context: ContainerContext,
  { id, config }: Container,
  identity: ProcessIdentity,
): Promise<void> {
  const state: ContainerState = {
    version: RECORD_VERSION,
    status: 'running',
    supervisor: context.self,
    identity,
    startedAt: context.now().toISOString(),
  };
  await writeState(context.root, id, state);
  const attachment = await attachNetwork(context, config, identity);
  await writeState(context.root, id, { ...state, attachment });
}

function ended(state: ContainerState, outcome: Outcome, now: Date): ContainerState {
  return {
    version: RECORD_VERSION,
    status: 'exited',
    exitCode: outcome.exitCode,
    oomKilled: outcome.oomKilled,
    ...(state.startedAt === undefined ? {} : { startedAt: state.startedAt }),
    finishedAt: now.toISOString(),
  };
}

function neverRan(error: unknown): ContainerState {
  const exitCode = error instanceof GockerError ? error.exitCode : undefined;
  return {
    version: RECORD_VERSION,
    status: 'created',
    exitCode: exitCode ?? EXIT.ENGINE,
    error: error instanceof Error ? error.message : String(error),
  };
}

/** Nobody supervises the container any more: writes down how it stands, or removes it where that was asked for. */
async function letGo(
  context: ContainerContext,
  id: string,
  last: (state: ContainerState) => ContainerState,
): Promise<void> {
  await whileLocked(context, id, async (current) => {
    if (current.config.autoRemove) return await deleteContainer(context, current);
    await detachNetwork(context, current.config, current.state);
    await writeState(context.root, id, last(current.state));
  });
}
