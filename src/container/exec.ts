import { ConflictError, EXIT } from '../errors.ts';
import type { RunningProcess, Streams } from '../runtime/types.ts';
import type { ContainerContext } from './context.ts';
import { findContainer } from './find.ts';
import { type ProcessOptions, planExec } from './plan.ts';

export interface ExecRequest extends ProcessOptions {
  /** Name, ID or prefix of an ID. */
  container: string;
  /** The program and its arguments. */
  command: string[];
}

/** Starts a further program in a running container. Throws a NotFoundError, a ConflictError when it does not run. */
export async function execInContainer(
  context: ContainerContext,
  request: ExecRequest,
  streams: Streams,
): Promise<RunningProcess> {
  const { id, config, state } = await findContainer(context, request.container);
  if (state.status !== 'running' || !state.identity || !context.runtime.isAlive(state.identity)) {
    throw new ConflictError(
      'CONTAINER_NOT_RUNNING',
      `container "${config.name}" (${id.slice(0, 12)}) is not running`,
      { hint: 'see what runs with: gocker ps', exitCode: EXIT.ENGINE },
    );
  }
  const plan = planExec(config, request.command, request);
  request.onStarting?.();
  return await context.runtime.exec(state.identity, id, plan, streams);
}
