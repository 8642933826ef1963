import { setTimeout } from 'node:timers/promises';
import { ConflictError } from '../errors.ts';
import type { ContainerContext } from './context.ts';
import { deleteContainer, deleteStaged, moveAside } from './delete.ts';
import { listContainers } from './list.ts';
import { whileLocked } from './lock.ts';
import { readContainer } from './record.ts';
import { resolveContainer } from './resolve.ts';
import type { Container } from './schema.ts';

/** How long a supervisor may take to write down the end of a container that was killed. */
const SETTLE_MS = 10_000;
const POLL_MS = 20;

/**
 * Removes the container that `text` names; a running one, or one whose record is damaged, only with `force`.
 * Throws a NotFoundError or a ConflictError.
 */
export async function removeContainer(
  context: ContainerContext,
  text: string,
  options: { force?: boolean } = {},
): Promise<void> {
  const { containers, damaged } = await listContainers(context);
  const found = resolveContainer(
    [
      ...containers.map((container) => ({ id: container.id, name: container.config.name, container })),
      ...damaged.map(({ id, error }) => ({ id, error })),
    ],
    text,
  );
  if ('container' in found) return await removeWhole(context, found.container, options.force ?? false);
  if (!options.force) throw found.error;
  await context.runtime.destroy(found.id);
  const staged = await moveAside(context, found.id);
  if (staged) await deleteStaged(context, staged);
}

async function removeWhole(context: ContainerContext, container: Container, force: boolean): Promise<void> {
  if (container.state.supervisor) {
    if (!force) throw stillRunning(container);
    await context.runtime.destroy(container.id);
    await settled(context, container.id);
  }
  await whileLocked(context, container.id, (current) => deleteContainer(context, current));
}

/** Waits until the supervisor has let go, so that it does not write into what is being removed. */
async function settled(context: ContainerContext, id: string): Promise<void> {
  const deadline = performance.now() + SETTLE_MS;
  while (performance.now() < deadline) {
    const supervisor = (await readContainer(context.root, id))?.state.supervisor;
    if (!supervisor || !context.runtime.isAlive(supervisor)) return;
    await setTimeout(POLL_MS);
  }
}

function stillRunning({ id, config, state }: Container): ConflictError {
  const what = state.status === 'running' ? 'running' : 'being started';
  return new ConflictError(
    'CONTAINER_RUNNING',
    `cannot remove container "${config.name}" (${id.slice(0, 12)}): it is ${what}`,
    { hint: 'stop the container first, or force removal with: gocker rm -f' },
  );
}
