import { ConflictError } from '../errors.ts';
import type { ContainerContext } from './context.ts';
import { deleteContainer, deleteStaged, moveAside } from './delete.ts';
import { findAny } from './find.ts';
import { whileLocked } from './lock.ts';
import { isSupervised } from './running.ts';
import type { Container } from './schema.ts';
import { begun } from './settle.ts';
import { killNow } from './stop.ts';

export interface RemoveOptions {
  /** Running ones and damaged ones too. */
  force?: boolean;
  /** The volumes that came with it go too, unless another container has them. */
  volumes?: boolean;
}

/**
 * Removes the container that `text` names; a running one, or one whose record is damaged, only with `force`.
 * Throws a NotFoundError or a ConflictError.
 */
export async function removeContainer(
  context: ContainerContext,
  text: string,
  options: RemoveOptions = {},
): Promise<void> {
  const found = await findAny(context, text);
  if ('container' in found) return await removeWhole(context, found.container, options);
  if (!options.force) throw found.error;
  await context.runtime.destroy(found.id);
  const staged = await moveAside(context, found.id);
  if (staged) await deleteStaged(context, staged);
}

async function removeWhole(
  context: ContainerContext,
  container: Container,
  { force = false, volumes = false }: RemoveOptions,
): Promise<void> {
  if (container.state.supervisor) {
    if (!force) throw stillRunning(container);
    await begun(context, container.id);
    await killNow(context, container.id);
  }
  await whileLocked(context, container.id, async (current) => {
    // Somebody may have started it again meanwhile.
    if (isSupervised(context, current)) throw stillRunning(current);
    await deleteContainer(context, current, { volumes });
  });
}

function stillRunning({ id, config, state }: Container): ConflictError {
  const what = state.status === 'created' || state.starting ? 'being started' : state.status;
  return new ConflictError(
    'CONTAINER_RUNNING',
    `cannot remove container "${config.name}" (${id.slice(0, 12)}): it is ${what}`,
    { hint: 'stop the container first, or force removal with: gocker rm -f' },
  );
}
