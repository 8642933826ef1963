import { hasCode } from '../errors.ts';
import type { ContainerContext } from './context.ts';
import { lockOf } from './paths.ts';
import { readContainer } from './record.ts';
import type { Container } from './schema.ts';

/**
 * Runs `work` on the container as it is once its lock is held; nobody else changes its state meanwhile. Undefined,
 * without running anything, when the container is gone by then.
 */
export async function whileLocked<T>(
  context: ContainerContext,
  id: string,
  work: (current: Container) => Promise<T>,
): Promise<T | undefined> {
  let held = false;
  try {
    return await context.withLock(lockOf(context.root, id), async () => {
      held = true;
      const current = await readContainer(context.root, id);
      return current && (await work(current));
    });
  } catch (error) {
    if (!held && hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
