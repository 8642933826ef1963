import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerContext } from './context.ts';
import { readContainer } from './record.ts';
import { isSupervised } from './running.ts';
import type { Container } from './schema.ts';

/** How long a supervisor may take to write down the end of a container that was killed. */
export const SETTLE_MS = 10_000;
const SHORTEST_POLL_MS = 5;
const LONGEST_POLL_MS = 50;

/** Reads a container again and again until `enough` says so or the time is over: then false. */
export async function readUntil(
  context: ContainerContext,
  id: string,
  { enough, timeoutMs }: { enough(container: Container | undefined): boolean; timeoutMs: number },
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (let pause = SHORTEST_POLL_MS; ; pause = Math.min(pause * 2, LONGEST_POLL_MS)) {
    if (enough(await readContainer(context.root, id))) return true;
    if (performance.now() >= deadline) return false;
    await sleep(pause);
  }
}

/** Waits until nobody looks after the container any more, so that nobody writes into its record; false when the time is over. */
export async function settled(
  context: ContainerContext,
  id: string,
  timeoutMs = SETTLE_MS,
): Promise<boolean> {
  const enough = (container?: Container) => !container || !isSupervised(context, container);
  return await readUntil(context, id, { enough, timeoutMs });
}

/** Waits until a container that is being started runs, or does not. */
export async function begun(context: ContainerContext, id: string): Promise<void> {
  const enough = (container?: Container) =>
    !container ||
    !isSupervised(context, container) ||
    ['running', 'restarting'].includes(container.state.status);
  await readUntil(context, id, { enough, timeoutMs: SETTLE_MS });
}
