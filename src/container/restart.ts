import type { ContainerContext } from './context.ts';
import { findContainer } from './find.ts';
import { isSupervised } from './running.ts';
import { startContainer } from './start.ts';
import { keepAtEnd, type StopOptions, stopContainer } from './stop.ts';

/** Ends the container's program as `stop` does, where it runs, and starts it again; one to be removed at its end stays. */
export async function restartContainer(
  context: ContainerContext,
  text: string,
  options: StopOptions = {},
): Promise<void> {
  const container = await findContainer(context, text);
  if (isSupervised(context, container)) {
    await keepAtEnd(context, container.id);
    await stopContainer(context, container.id, options);
  }
  await startContainer(context, container.id);
}
