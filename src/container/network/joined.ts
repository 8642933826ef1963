/** `--network container:ID`: a container in the network namespace of another one. */
import { ConflictError } from '../../errors.ts';
import type { ProcessIdentity } from '../../runtime/types.ts';
import type { ContainerContext } from '../context.ts';
import { findContainer } from '../find.ts';
import { runningIdentity } from '../running.ts';
import type { Container, ContainerConfig } from '../schema.ts';

const PREFIX = 'container:';

/** The ID of the container whose network is joined; undefined without one. */
export function joinedId({ network }: Pick<ContainerConfig, 'network'>): string | undefined {
  return network.startsWith(PREFIX) ? network.slice(PREFIX.length) : undefined;
}

export function joinedMode(id: string): string {
  return `${PREFIX}${id}`;
}

/** The container whose network is joined, and its PID 1. Throws NOT_RUNNING in docker's words. */
export async function findJoined(
  context: ContainerContext,
  id: string,
): Promise<{ container: Container; identity: ProcessIdentity }> {
  const container = await findContainer(context, id);
  const identity = runningIdentity(context, container);
  if (identity) return { container, identity };
  throw new ConflictError('NOT_RUNNING', `cannot join network of a non running container: ${id}`, {
    hint: `start it first: gocker start ${container.config.name}`,
  });
}
