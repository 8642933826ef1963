import type { ContainerContext } from '../context.ts';
import { writeState } from '../record.ts';
import { runningIdentity } from '../running.ts';
import type { Container } from '../schema.ts';

/**
 * Runs `work` while the processes of a container stand still, when it runs and that is wanted; one that a person has paused
 * stays so. The record says who did it: when this process is killed the next command lets them go on. The caller holds
 * the container's lock.
 */
export async function whilePaused(
  context: ContainerContext,
  { container, pause }: { container: Container; pause: boolean },
  work: () => void,
): Promise<void> {
  const { id, state } = container;
  if (!pause || !runningIdentity(context, container) || context.runtime.isFrozen(id)) return work();
  await writeState(context.root, id, { ...state, pausedBy: context.self });
  try {
    await context.runtime.setFrozen(id, true);
    work();
  } finally {
    await goOn(context, container);
  }
}

/** Lets a container go on that was paused for a while. */
export async function goOn(context: ContainerContext, { id, state }: Container): Promise<Container['state']> {
  const { pausedBy: _done, ...rest } = state;
  await context.runtime.setFrozen(id, false);
  await writeState(context.root, id, rest);
  return rest;
}
