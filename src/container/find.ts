import type { GockerError } from '../errors.ts';
import type { ContainerContext } from './context.ts';
import { listContainers } from './list.ts';
import { isName, readHolder } from './names.ts';
import { reconcile } from './reconcile.ts';
import { readContainer } from './record.ts';
import { resolveContainer } from './resolve.ts';
import type { Container } from './schema.ts';

const ID = /^[0-9a-f]{64}$/;

/** What a text names: a container, or one whose record cannot be read. */
export type Found = { id: string; container: Container } | { id: string; error: GockerError };

/** The container that `text` names. Throws a NotFoundError, a ConflictError for an ambiguous ID, or its record's damage. */
export async function findContainer(context: ContainerContext, text: string): Promise<Container> {
  const found = await findAny(context, text);
  if ('error' in found) throw found.error;
  return found.container;
}

/** The same, for those who can do something with a damaged one. A full name or ID is found without reading the others. */
export async function findAny(context: ContainerContext, text: string): Promise<Found> {
  const exact = await findExact(context, text.replace(/^\//, ''));
  if (exact) return exact;
  const { containers, damaged } = await listContainers(context);
  return resolveContainer(
    [
      ...containers.map((container) => ({ id: container.id, name: container.config.name, container })),
      ...damaged.map(({ id, error }) => ({ id, error })),
    ],
    text,
  );
}

async function findExact(context: ContainerContext, text: string): Promise<Found | undefined> {
  const id = ID.test(text) ? text : isName(text) ? readHolder(context.root, text) : undefined;
  if (id === undefined || !ID.test(id)) return undefined;
  try {
    const container = await readContainer(context.root, id);
    if (!container || (id !== text && container.config.name !== text)) return undefined;
    const current = await reconcile(context, container);
    return current && { id, container: current };
  } catch {
    // Whatever is wrong with it, the long way says so.
    return undefined;
  }
}
