import { constants } from 'node:os';
import type { ContainerContext } from './context.ts';
import { findContainer } from './find.ts';
import { requireRunning } from './running.ts';
import { askToEnd, wake } from './stop.ts';
import { parseSignal, stopSignalOf } from './stop-signal.ts';

/**
 * Sends a signal, SIGKILL when none is named, to the program of the container that `text` names. One that asks for the
 * end counts as the user's wish to stop. Throws a NotFoundError, a UsageError, a ConflictError when it does not run.
 */
export async function killContainer(context: ContainerContext, text: string, name = 'KILL'): Promise<void> {
  const signal = parseSignal(name);
  const container = await findContainer(context, text);
  const identity = requireRunning(context, container);
  const { id, config } = container;
  if (signal === constants.signals.SIGKILL || signal === stopSignalOf(config))
    return await askToEnd(context, id, { signal });
  context.runtime.signal(identity, signal);
  await wake(context, id);
}
