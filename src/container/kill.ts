import { constants } from 'node:os';
import { ConflictError } from '../errors.ts';
import type { ContainerContext } from './context.ts';
import { findContainer } from './find.ts';
import { askToEnd } from './stop.ts';
import { parseSignal, stopSignalOf } from './stop-signal.ts';

/**
 * Sends a signal, SIGKILL when none is named, to the program of the container that `text` names. One that asks for the
 * end counts as the user's wish to stop. Throws a NotFoundError, a UsageError, a ConflictError when it does not run.
 */
export async function killContainer(context: ContainerContext, text: string, name = 'KILL'): Promise<void> {
  const signal = parseSignal(name);
  const { id, config, state } = await findContainer(context, text);
  const runs = state.status === 'running' && state.identity !== undefined;
  if (!runs || !context.runtime.isAlive(state.identity!)) {
    throw new ConflictError(
      'CONTAINER_NOT_RUNNING',
      `cannot kill container "${config.name}": it is not running`,
      {
        hint: 'see what runs with: gocker ps',
      },
    );
  }
  if (signal === constants.signals.SIGKILL || signal === stopSignalOf(config))
    await askToEnd(context, id, { signal });
  else context.runtime.signal(state.identity!, signal);
}
