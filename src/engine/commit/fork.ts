import { findContainer } from '../../container/find.ts';
import { forkOnto } from '../../container/freeze/fork.ts';
import { takeLayer } from '../../container/freeze/take.ts';
import { checkName } from '../../container/names.ts';
import { removeContainer } from '../../container/remove.ts';
import { markPull } from '../../store/ingest.ts';
import type { Parts } from '../parts.ts';
import { baseOf, checkLayers } from './base.ts';

export interface ForkOptions {
  /** How many; 1 when absent. */
  times?: number;
  /** Of the new container; of several with `-1`, `-2` and so on after it. */
  name?: string;
  /** As for a commit. */
  pause?: boolean;
}

/**
 * New containers that are as another one is now, and their IDs. They share its files, and each has its own changes from there
 * on; volumes and binds are the same ones. All come into being or none. Throws CONTAINER_NOT_FOUND, NAME_IN_USE,
 * TOO_MANY_LAYERS and what the storage driver throws.
 */
export async function forkContainer(parts: Parts, text: string, options: ForkOptions): Promise<string[]> {
  const { times = 1, name, pause = true } = options;
  const names = Array.from({ length: times }, (_, at) => (name && times > 1 ? `${name}-${at + 1}` : name));
  for (const one of names) if (one !== undefined) checkName(one);
  const store = await parts.store();
  const context = parts.containers;
  const found = await findContainer(context, text);
  const base = await baseOf(parts, found);
  const mark = await markPull(store);
  const made: string[] = [];
  try {
    const taking = { id: found.id, pause, keyPrefix: mark.keyPrefix };
    await takeLayer(
      context,
      {
        ...taking,
        nameOf: (container, digests) => {
          checkLayers(base.layers.length + digests.length, container);
          return digests.at(-1)!;
        },
      },
      async ({ container, layers }) => {
        for (const one of names) made.push((await forkOnto(context, container, { layers, name: one })).id);
      },
    );
    return made;
  } catch (error) {
    for (const id of made) await removeContainer(context, id, { force: true });
    throw error;
  } finally {
    mark.done();
  }
}
