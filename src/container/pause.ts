import { ConflictError } from '../errors.ts';
import type { ContainerContext } from './context.ts';
import { findContainer } from './find.ts';
import { requireRunning } from './running.ts';

/** Stops all processes of a container where they are. Throws a ConflictError when it does not run, or is paused already. */
export async function pauseContainer(context: ContainerContext, text: string): Promise<void> {
  await change(context, text, true);
}

/** Lets the processes of a paused container go on. Throws a ConflictError when it is not paused. */
export async function unpauseContainer(context: ContainerContext, text: string): Promise<void> {
  await change(context, text, false);
}

async function change(context: ContainerContext, text: string, frozen: boolean): Promise<void> {
  const container = await findContainer(context, text);
  requireRunning(context, container);
  const { id, config } = container;
  if (context.runtime.isFrozen(id) === frozen) {
    const [code, state] = frozen ? ['ALREADY_PAUSED', 'already paused'] : ['NOT_PAUSED', 'not paused'];
    throw new ConflictError(code!, `container "${config.name}" (${id.slice(0, 12)}) is ${state}`);
  }
  await context.runtime.setFrozen(id, frozen);
}
