/** Who looks after a container, and what the record says when that begins and ends. */
import { ConflictError, EXIT, GockerError, NotFoundError } from '../errors.ts';
import type { Outcome, ProcessIdentity } from '../runtime/types.ts';
import type { ContainerContext } from './context.ts';
import { deleteContainer } from './delete.ts';
import { whileLocked } from './lock.ts';
import { attachAll } from './network/attach.ts';
import { detachAll } from './network/detach.ts';
import { writeState } from './record.ts';
import { isSupervised } from './running.ts';
import { type Container, type ContainerState, type NetworkAttachment, RECORD_VERSION } from './schema.ts';

/**
 * Makes this process the supervisor of a container that nobody looks after, or that `from` hands over. Throws a
 * ConflictError with code CONTAINER_RUNNING when somebody else does, a NotFoundError when it is gone.
 */
export async function takeCharge(
  context: ContainerContext,
  id: string,
  from?: ProcessIdentity,
): Promise<Container> {
  const taken = await whileLocked(context, id, async (current) => {
    const { supervisor } = current.state;
    const handed = from && supervisor?.pid === from.pid && supervisor.startTime === from.startTime;
    if (!handed && isSupervised(context, current)) throw alreadyRunning(current);
    const { exitCode, status, startedAt, finishedAt, attachments } = current.state;
    const state: ContainerState = {
      version: RECORD_VERSION,
      status: status === 'created' ? 'created' : 'exited',
      supervisor: context.self,
      starting: true,
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(attachments ? { attachments } : {}),
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(finishedAt === undefined ? {} : { finishedAt }),
    };
    await writeState(context.root, id, state);
    return { ...current, state };
  });
  return taken ?? gone(id);
}

/** The container's PID 1 exists and waits: from now on anybody can clean up after a crash of ours. */
export async function begin(
  context: ContainerContext,
  { id }: Container,
  identity: ProcessIdentity,
): Promise<void> {
  const done = await whileLocked(context, id, async ({ config, state: before }) => {
    const { stopped, keep, restarts } = before;
    await detachAll(context, config, before);
    const state: ContainerState = {
      version: RECORD_VERSION,
      status: 'running',
      supervisor: context.self,
      identity,
      startedAt: context.now().toISOString(),
      ...(stopped ? { stopped } : {}),
      ...(keep ? { keep } : {}),
      ...(restarts === undefined ? {} : { restarts }),
      ...(config.health ? { health: { status: 'starting', failingStreak: 0, log: [] } } : {}),
    };
    const record = async (attachments: NetworkAttachment[]) => {
      await writeState(context.root, id, { ...state, attachments });
    };
    await record([]);
    await attachAll(context, { config, identity, attachments: [], record });
    return true;
  });
  if (!done) gone(id);
}

/** The program has ended and is to be started again: this process stays in charge. False when that is not to be any more. */
export async function recordRestart(
  context: ContainerContext,
  id: string,
  outcome: Outcome,
): Promise<boolean> {
  const recorded = await whileLocked(context, id, async ({ config, state }) => {
    if (state.stopped) return false;
    await detachAll(context, config, state);
    const restarts = (state.restarts ?? 0) + 1;
    await writeState(context.root, id, {
      ...ended(state, outcome, context.now()),
      status: 'restarting',
      supervisor: context.self,
      restarts,
    });
    return true;
  });
  return recorded ?? false;
}

/** Nobody supervises the container any more: writes down how it stands, or removes it where that was asked for. */
export async function letGo(
  context: ContainerContext,
  id: string,
  last: (state: ContainerState) => ContainerState,
): Promise<void> {
  await whileLocked(context, id, async (current) => {
    const state = last(current.state);
    // Whoever waits for the end reads the exit code here, even of one that is to be removed.
    if (current.config.autoRemove && !current.state.keep) {
      await writeState(context.root, id, { ...state, supervisor: context.self });
      return await deleteContainer(context, current, { volumes: true });
    }
    try {
      await detachAll(context, current.config, current.state);
    } catch (error) {
      // How it ended is on record whatever becomes of its networks; the next command goes on with those.
      const { attachments = [] } = current.state;
      await writeState(context.root, id, { ...state, attachments, supervisor: context.self });
      throw error;
    }
    await writeState(context.root, id, state);
  });
}

/** The state after an end that was seen. */
export function ended(state: ContainerState, outcome: Outcome, now: Date): ContainerState {
  const { startedAt, stopped, restarts, health } = state;
  return {
    version: RECORD_VERSION,
    status: 'exited',
    exitCode: outcome.exitCode,
    oomKilled: outcome.oomKilled,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(stopped ? { stopped } : {}),
    ...(restarts === undefined ? {} : { restarts }),
    ...(health ? { health } : {}),
    finishedAt: now.toISOString(),
  };
}

/** The state after a start that failed; a container that has run before stays as it had ended. */
export function neverRan(state: ContainerState, error: unknown): ContainerState {
  const exitCode = error instanceof GockerError ? error.exitCode : undefined;
  const { startedAt, finishedAt } = state;
  return {
    version: RECORD_VERSION,
    status: finishedAt === undefined ? 'created' : 'exited',
    exitCode: exitCode ?? EXIT.ENGINE,
    error: error instanceof Error ? error.message : String(error),
    ...(finishedAt === undefined || startedAt === undefined ? {} : { startedAt, finishedAt }),
  };
}

function alreadyRunning({ id, config }: Container): ConflictError {
  return new ConflictError(
    'CONTAINER_RUNNING',
    `container "${config.name}" (${id.slice(0, 12)}) is already running`,
    { hint: `to run a further program in it: gocker exec ${config.name} COMMAND` },
  );
}

function gone(id: string): never {
  throw new NotFoundError('CONTAINER_NOT_FOUND', `container ${id.slice(0, 12)} has been removed meanwhile`);
}
