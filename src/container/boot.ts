import type { ContainerContext } from './context.ts';
import { listContainers } from './list.ts';
import { releaseLost } from './network/prune.ts';
import { restartDelay } from './restart-policy.ts';
import { isSupervised } from './running.ts';
import type { Container } from './schema.ts';
import { startContainer } from './start.ts';

/** One that was to be started; `error` says why it was not. */
export interface Booted {
  id: string;
  name: string;
  error?: unknown;
}

/**
 * Starts what ran when the machine went down and whose policy says so: `always`, `unless-stopped` unless somebody had stopped
 * it, `on-failure` after a failure, as the end nobody saw is one.
 */
export async function bootContainers(context: ContainerContext): Promise<Booted[]> {
  const { containers } = await listContainers(context);
  await releaseLost(context, containers);
  const wanted = containers.filter((one) => !isSupervised(context, one) && startsAtBoot(one));
  return await Promise.all(wanted.map((container) => bootOne(context, container)));
}

/** Whether the policy asks for the container after a boot; one that was never started stays as it is. */
export function startsAtBoot({ config, state }: Container): boolean {
  if (state.status === 'created' || config.restart === undefined) return false;
  if (config.restart.policy === 'unless-stopped' && state.stopped) return false;
  const run = { exitCode: state.exitCode ?? 0, ranMs: 0, restarts: 0, waitedMs: 0 };
  return restartDelay(config.restart, run) !== undefined;
}

async function bootOne(context: ContainerContext, { id, config }: Container): Promise<Booted> {
  try {
    await startContainer(context, id);
    return { id, name: config.name };
  } catch (error) {
    return { id, name: config.name, error };
  }
}
