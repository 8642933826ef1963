import { constants } from 'node:os';
import { GockerError } from '../errors.ts';
import type { ContainerContext } from './context.ts';
import { findContainer } from './find.ts';
import { whileLocked } from './lock.ts';
import { reconcile } from './reconcile.ts';
import { readContainer, writeState } from './record.ts';
import { isSupervised, runningIdentity } from './running.ts';
import type { Container } from './schema.ts';
import { begun, settled } from './settle.ts';
import { parseSignal, stopSignalOf } from './stop-signal.ts';

/** docker's, where neither the container nor the user says another. */
const DEFAULT_TIMEOUT_S = 10;

export interface StopOptions {
  /** Seconds until SIGKILL; -1 for never. */
  timeout?: number;
  /** In place of the container's stop signal. */
  signal?: string;
}

/**
 * Ends the program of the container that `text` names: the stop signal, and SIGKILL when that does not help in time. Nothing
 * for one that does not run. Locks nothing while it waits. Throws a NotFoundError or a UsageError.
 */
export async function stopContainer(
  context: ContainerContext,
  text: string,
  options: StopOptions = {},
): Promise<void> {
  const signal = options.signal === undefined ? undefined : parseSignal(options.signal);
  const container = await findContainer(context, text);
  if (!isSupervised(context, container)) return;
  const { config, id } = container;
  const asked = signal ?? stopSignalOf(config);
  const seconds = options.timeout ?? config.stopTimeout ?? DEFAULT_TIMEOUT_S;
  await begun(context, id);
  await askToEnd(context, id, { signal: asked });
  if (await settled(context, id, seconds < 0 ? Number.POSITIVE_INFINITY : seconds * 1000)) return;
  await killNow(context, id);
}

/** SIGKILL to the container's PID 1, and where that leaves something to its whole cgroup. */
export async function killNow(context: ContainerContext, id: string): Promise<void> {
  await askToEnd(context, id, { signal: constants.signals.SIGKILL });
  if (await settled(context, id)) return;
  await context.runtime.destroy(id);
  if ((await settled(context, id)) || (await dismiss(context, id))) return;
  throw new GockerError('CONTAINER_STUCK', `container ${id.slice(0, 12)} does not end`, {
    hint: 'a process in state D waits for a device; see what its processes do: ps -o pid,stat,wchan,args',
  });
}

/** A supervisor that does not see that its program is dead is ended too, and its work done for it. False while that lives. */
async function dismiss(context: ContainerContext, id: string): Promise<boolean> {
  const container = await readContainer(context.root, id);
  if (!container?.state.supervisor) return true;
  if (runningIdentity(context, container)) return false;
  context.runtime.signal(container.state.supervisor, constants.signals.SIGKILL);
  const isGone = await settled(context, id);
  if (isGone) await reconcile(context, container);
  return isGone;
}

/** Marks the container so that no policy starts it again, then signals its program, or the one who is about to start it. */
export async function askToEnd(
  context: ContainerContext,
  id: string,
  { signal }: { signal: number },
): Promise<void> {
  await whileLocked(context, id, async (current: Container) => {
    const { state } = current;
    if (!isSupervised(context, current)) return;
    await writeState(context.root, id, { ...state, stopped: true });
    if (state.status === 'running' && state.identity) context.runtime.signal(state.identity, signal);
    else if (state.status === 'restarting')
      context.runtime.signal(state.supervisor!, constants.signals.SIGUSR2);
  });
  await wake(context, id);
}

/** At its next end the container is not removed, even where that was to be. */
export async function keepAtEnd(context: ContainerContext, id: string): Promise<void> {
  await whileLocked(context, id, ({ state }) => writeState(context.root, id, { ...state, keep: true }));
}

/** A paused program goes on when it is signalled, as docker has it: else the signal would wait with it. */
export async function wake({ runtime }: ContainerContext, id: string): Promise<void> {
  if (runtime.isFrozen(id)) await runtime.setFrozen(id, false);
}
