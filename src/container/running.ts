import { ConflictError } from '../errors.ts';
import type { ProcessIdentity } from '../runtime/types.ts';
import type { ContainerContext } from './context.ts';
import type { Container } from './schema.ts';

/** True when a living process looks after the container. */
export function isSupervised(context: ContainerContext, { state }: Container): boolean {
  return state.supervisor !== undefined && context.runtime.isAlive(state.supervisor);
}

/** The PID 1 of a container that runs; undefined when it does not. */
export function runningIdentity(
  { runtime }: ContainerContext,
  { state }: Container,
): ProcessIdentity | undefined {
  const { identity } = state;
  return state.status === 'running' && identity && runtime.isAlive(identity) ? identity : undefined;
}

/** The same. Throws CONTAINER_NOT_RUNNING. */
export function requireRunning(
  context: ContainerContext,
  container: Container,
  options: { exitCode?: number } = {},
): ProcessIdentity {
  const identity = runningIdentity(context, container);
  if (identity) return identity;
  const { id, config } = container;
  throw new ConflictError(
    'CONTAINER_NOT_RUNNING',
    `container "${config.name}" (${id.slice(0, 12)}) is not running`,
    {
      hint: 'see what runs with: gocker ps',
      ...options,
    },
  );
}
