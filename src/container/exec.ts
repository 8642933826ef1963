import { ConflictError, EXIT } from '../errors.ts';
import type { FurtherProcess, Streams } from '../runtime/types.ts';
import type { ContainerContext } from './context.ts';
import { findContainer } from './find.ts';
import { type ExecOptions, planExec } from './plan.ts';
import { requireRunning } from './running.ts';

export interface ExecRequest extends Omit<ExecOptions, 'capabilities'> {
  /** Name, ID or prefix of an ID. */
  container: string;
  /** The program and its arguments. */
  command: string[];
  /** With all capabilities that gocker has. */
  privileged?: boolean;
}

/** Starts a further program in a running container. Throws a NotFoundError, a ConflictError when it does not run. */
export async function execInContainer(
  context: ContainerContext,
  request: ExecRequest,
  streams: Streams,
): Promise<FurtherProcess> {
  const container = await findContainer(context, request.container);
  const identity = requireRunning(context, container, { exitCode: EXIT.ENGINE });
  const { id, config } = container;
  if (context.runtime.isFrozen(id)) throw paused(config.name);
  const all = request.privileged ? { capabilities: context.runtime.capabilities() } : {};
  const plan = planExec(config, request.command, { ...request, ...all });
  request.onStarting?.();
  return await context.runtime.exec(identity, id, plan, streams);
}

function paused(name: string): ConflictError {
  return new ConflictError('CONTAINER_PAUSED', `container "${name}" is paused`, {
    hint: `let it go on before exec: gocker unpause ${name}`,
    exitCode: EXIT.ENGINE,
  });
}
