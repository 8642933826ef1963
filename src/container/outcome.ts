import { GockerError } from '../errors.ts';
import type { Outcome } from '../runtime/types.ts';
import type { ContainerContext } from './context.ts';
import { reconcile } from './reconcile.ts';
import { readContainer } from './record.ts';
import { isSupervised } from './running.ts';
import type { Container, ContainerState } from './schema.ts';
import { readUntil } from './settle.ts';

/** How the container has ended, from its record, once nobody looks after it any more or it waits to be started again. */
export async function outcomeOnRecord(
  context: ContainerContext,
  { id, config }: Container,
): Promise<Outcome> {
  let last: ContainerState | undefined;
  const enough = (container: Container | undefined) => {
    last = container?.state ?? last;
    return !container || container.state.status === 'restarting' || isOver(context, container);
  };
  await readUntil(context, id, { enough, timeoutMs: Number.POSITIVE_INFINITY });
  const now = await readContainer(context.root, id);
  const current = now && (await reconcile(context, now));
  const state = current?.state ?? last;
  if (state?.exitCode !== undefined) return { exitCode: state.exitCode, oomKilled: state.oomKilled ?? false };
  throw new GockerError(
    'OUTCOME_UNKNOWN',
    `container "${config.name}" is gone, and nobody knows how it ended`,
  );
}

/** The record tells the end, even where its supervisor still has to clean up. */
function isOver(context: ContainerContext, container: Container): boolean {
  const { status, starting } = container.state;
  return (status === 'exited' && !starting) || !isSupervised(context, container);
}
