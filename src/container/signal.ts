import type { ContainerContext } from './context.ts';
import type { Container } from './schema.ts';

/** Signals the program of a container that runs; a paused one goes on, as docker has it: else the signal would wait with it. */
export async function signalProgram(
  { runtime }: ContainerContext,
  { id, state }: Container,
  signal: number,
): Promise<void> {
  if (!state.identity) return;
  runtime.signal(state.identity, signal);
  if (runtime.isFrozen(id)) await runtime.setFrozen(id, false);
}
