import { hasCode } from '../errors.ts';
import type { ProcessPlan, Streams } from '../runtime/types.ts';
import { attachToMonitor } from './attach.ts';
import type { ContainerContext } from './context.ts';
import { type CreateRequest, createContainer } from './create.ts';
import { findContainer } from './find.ts';
import { whileLocked } from './lock.ts';
import { writeState } from './record.ts';
import type { RunningContainer } from './run.ts';
import { isSupervised } from './running.ts';
import { type Container, RECORD_VERSION } from './schema.ts';

export interface AttachRequest {
  streams: Streams;
  /** The terminal's size at the start. */
  size?: ProcessPlan['size'];
  /** Called just before the program is started; from then on signals to the caller are meant for it. */
  onStarting?(): void;
}

/** Makes a container that nobody looks after yet; its ID. */
export async function createOnly(context: ContainerContext, request: CreateRequest): Promise<Container> {
  const container = await createContainer(context, request);
  const state = { version: RECORD_VERSION, status: 'created' } as const;
  await whileLocked(context, container.id, () => writeState(context.root, container.id, state));
  return { ...container, state };
}

/** Makes a container and starts it under a monitor; with `attach` this process is connected to it. */
export async function runDetached(context: ContainerContext, request: CreateRequest): Promise<Container> {
  const container = await createContainer(context, request);
  const { size } = request.options;
  const launched = context.launch({
    id: container.id,
    from: context.self,
    attach: false,
    ...(size ? { size } : {}),
  });
  await launched.started();
  return container;
}

/** The same, with this process attached from before the program's first word. */
export async function runAttached(
  context: ContainerContext,
  request: CreateRequest,
  attach: AttachRequest,
): Promise<RunningContainer> {
  const container = await createContainer(context, request);
  return await launchAttached(context, container, { ...attach, from: context.self });
}

/**
 * Starts the container that `text` names under a monitor of its own. Nothing for one that runs. Throws a NotFoundError,
 * or what keeps its program from running, with the exit codes of `run`.
 */
export async function startContainer(context: ContainerContext, text: string): Promise<void> {
  const container = await findContainer(context, text);
  if (isSupervised(context, container)) return;
  try {
    await context.launch({ id: container.id, attach: false }).started();
  } catch (error) {
    if (!hasCode(error, 'CONTAINER_RUNNING')) throw error;
  }
}

/** Starts the container and attaches to it; one that runs is attached to. */
export async function startAttached(
  context: ContainerContext,
  text: string,
  attach: AttachRequest,
): Promise<RunningContainer> {
  const container = await findContainer(context, text);
  if (isSupervised(context, container)) return await attachToMonitor(context, container, attach.streams);
  return await launchAttached(context, container, attach);
}

async function launchAttached(
  context: ContainerContext,
  container: Container,
  { streams, size, onStarting, from }: AttachRequest & { from?: ContainerContext['self'] },
): Promise<RunningContainer> {
  const request = { id: container.id, attach: true, ...(size ? { size } : {}), ...(from ? { from } : {}) };
  const launched = context.launch(request);
  await launched.listening();
  onStarting?.();
  const attached = await attachToMonitor(context, container, streams);
  await launched.started();
  return attached;
}
