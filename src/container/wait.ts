import { hasCode } from '../errors.ts';
import { attachToMonitor } from './attach.ts';
import type { ContainerContext } from './context.ts';
import { findContainer } from './find.ts';
import { outcomeOnRecord } from './outcome.ts';
import type { RunningContainer } from './run.ts';
import { isSupervised } from './running.ts';
import type { Container } from './schema.ts';

/** Waits for the end of the program of the container that `text` names, and tells its exit code. Throws a NotFoundError. */
export async function waitForContainer(context: ContainerContext, text: string): Promise<number> {
  const container = await findContainer(context, text);
  if (!isSupervised(context, container)) return container.state.exitCode ?? 0;
  const watched = await watchMonitor(context, container);
  return (await (watched?.wait() ?? outcomeOnRecord(context, container))).exitCode;
}

/** The monitor tells the end of a container that is removed in the same moment, too. */
async function watchMonitor(
  context: ContainerContext,
  container: Container,
): Promise<RunningContainer | undefined> {
  try {
    return await attachToMonitor(context, container);
  } catch (error) {
    if (hasCode(error, 'CANNOT_ATTACH')) return undefined;
    throw error;
  }
}
