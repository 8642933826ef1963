import { rm } from 'node:fs/promises';
import type { ContainerContext } from './context.ts';
import { deleteContainer, deleteStaged } from './delete.ts';
import { finishFreeze } from './freeze/finish.ts';
import { goOn } from './freeze/pause.ts';
import { whileLocked } from './lock.ts';
import { runDirectoryOf } from './monitor/socket.ts';
import { detachAll } from './network/detach.ts';
import type { Staged } from './paths.ts';
import { writeState } from './record.ts';
import { type Container, type ContainerState, RECORD_VERSION } from './schema.ts';

/** moby's code for a container whose end nobody saw. */
const UNKNOWN_EXIT = 255;

/**
 * The container as the kernel has it. While its supervisor lives the record is right, or about to be. Without one, a
 * container that was being made is taken away, one that ran is ended and marked (code 255: nobody saw its own), and
 * one that was to be removed at its end is. Undefined when it is gone afterwards.
 */
export async function reconcile(
  context: ContainerContext,
  container: Container,
): Promise<Container | undefined> {
  if (container.config.freezing || isLeftPaused(context, container)) {
    return await whileLocked(context, container.id, (current) => thawed(context, current));
  }
  if (!isAbandoned(context, container)) return container;
  return await whileLocked(context, container.id, async (current) => {
    if (!isAbandoned(context, current)) return current;
    const { status, starting, keep } = current.state;
    if ((status === 'created' && !starting) || (current.config.autoRemove && !keep)) {
      await context.runtime.destroy(current.id);
      await deleteContainer(context, current, { volumes: true });
      return undefined;
    }
    return await bury(context, current);
  });
}

/** What was cut off while its files became a layer is done to the end first. */
async function thawed(context: ContainerContext, current: Container): Promise<Container | undefined> {
  const state = isLeftPaused(context, current) ? await goOn(context, current) : current.state;
  return { ...current, state, config: await finishFreeze(context, current) };
}

/** True when whoever paused it for a moment is dead. */
function isLeftPaused({ runtime }: ContainerContext, { state }: Container): boolean {
  return state.pausedBy !== undefined && !runtime.isAlive(state.pausedBy);
}

/** True when somebody was to look after the container and does not any more. */
function isAbandoned(context: ContainerContext, { state }: Container): boolean {
  return state.supervisor !== undefined && !context.runtime.isAlive(state.supervisor);
}

/** Ends what a dead supervisor left, and writes down all that can still be known. */
async function bury(context: ContainerContext, { id, config, state }: Container): Promise<Container> {
  const ended = state.status === 'exited' || state.status === 'created';
  const oomKilled = ended ? (state.oomKilled ?? false) : context.runtime.oomKilled(id);
  await context.runtime.destroy(id);
  await detachAll(context, config, state);
  await rm(runDirectoryOf(context.runRoot, id), { recursive: true, force: true });
  const { supervisor: _gone, attachments: _detached, starting: _begun, ...rest } = state;
  const next: ContainerState = ended
    ? rest
    : {
        ...rest,
        version: RECORD_VERSION,
        status: 'exited',
        exitCode: UNKNOWN_EXIT,
        oomKilled,
        error: 'the process that supervised it was killed',
        finishedAt: context.now().toISOString(),
      };
  await writeState(context.root, id, next);
  return { id, config, state: next };
}

/** Goes on with a making or removal that was cut off; leaves alone what a living process is at. */
export async function sweep(context: ContainerContext, staged: Staged): Promise<void> {
  if (!context.runtime.isAlive(staged.owner)) await deleteStaged(context, staged);
}
