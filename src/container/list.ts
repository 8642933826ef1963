import { GockerError } from '../errors.ts';
import type { ContainerContext } from './context.ts';
import { reconcile, sweep } from './reconcile.ts';
import { listDirectories, readContainer } from './record.ts';
import type { Container } from './schema.ts';
import { sweepVolumes } from './volumes/remove-unused.ts';

export interface ContainerList {
  /** Newest first. */
  containers: Container[];
  /** Those whose record cannot be read. */
  damaged: { id: string; error: GockerError }[];
}

/** All containers as they are now: what dead processes left behind is put in order on the way. */
export async function listContainers(context: ContainerContext): Promise<ContainerList> {
  const { ids, staged } = await listDirectories(context.root);
  for (const one of staged) await sweep(context, one);
  await sweepVolumes(context);
  const list: ContainerList = { containers: [], damaged: [] };
  for (const id of ids) {
    try {
      const container = await readContainer(context.root, id);
      const current = container && (await reconcile(context, container));
      if (current) list.containers.push(current);
    } catch (error) {
      if (!(error instanceof GockerError)) throw error;
      list.damaged.push({ id, error });
    }
  }
  list.containers.sort((a, b) => b.config.created.localeCompare(a.config.created));
  return list;
}
