import { parseConditions } from '../image/conditions.ts';
import type { ContainerContext } from './context.ts';
import { deleteContainer } from './delete.ts';
import { listContainers } from './list.ts';
import { whileLocked } from './lock.ts';
import type { Container } from './schema.ts';

export interface Pruned {
  /** IDs. */
  deleted: string[];
  /** Bytes. */
  reclaimed: number;
}

export interface PruneOptions {
  /** Tells what would go, and takes nothing away. */
  dryRun?: boolean;
  /** Bytes that a container takes; those of its own files when absent. */
  measure?(container: Container): Promise<number>;
}

/** Removes all containers that do not run and fit the filters (`until=`, `label=`, `label!=`). Throws a UsageError. */
export async function pruneContainers(
  context: ContainerContext,
  filters: string[],
  { dryRun = false, measure = (container) => ownBytes(context, container) }: PruneOptions = {},
): Promise<Pruned> {
  const fits = parseConditions(filters, context.now());
  const { containers } = await listContainers(context);
  const pruned: Pruned = { deleted: [], reclaimed: 0 };
  for (const { id } of containers) {
    await whileLocked(context, id, async (current) => {
      const { state, config } = current;
      if (state.supervisor !== undefined || state.status === 'running') return;
      if (!fits(config)) return;
      pruned.reclaimed += await measure(current);
      if (!dryRun) await deleteContainer(context, current, { volumes: false });
      pruned.deleted.push(id);
    });
  }
  return pruned;
}

async function ownBytes(context: ContainerContext, { id, config }: Container): Promise<number> {
  return (await (await context.storage(config.storageDriver)).usage(id)).bytes;
}
