import type { ContainerContext } from '../context.ts';
import { createPlanned } from '../create.ts';
import { whileLocked } from '../lock.ts';
import { writeState } from '../record.ts';
import { type Container, type ContainerConfig, type FrozenLayer, RECORD_VERSION } from '../schema.ts';

/**
 * A new container that is as another one was when its files became the uppermost of the layers; it is not started. Throws a
 * ConflictError for a taken name.
 */
export async function forkOnto(
  context: ContainerContext,
  { config }: Container,
  { layers, name }: { layers: FrozenLayer[]; name: string | undefined },
): Promise<Container> {
  const plan = (chosen: { id: string; name: string }): ContainerConfig => ({
    ...withOwnHostname(config, chosen.id),
    ...chosen,
    created: context.now().toISOString(),
    frozen: layers,
  });
  const container = await createPlanned(context, { name, plan });
  const state = { version: RECORD_VERSION, status: 'created' } as const;
  await whileLocked(context, container.id, () => writeState(context.root, container.id, state));
  return { ...container, state };
}

/** A hostname that was made of the ID is made of the new one. */
function withOwnHostname({ freezing: _done, ...config }: ContainerConfig, id: string): ContainerConfig {
  if (config.hostname !== config.id.slice(0, 12)) return config;
  const hostname = id.slice(0, 12);
  const env = config.process.env.map((entry) =>
    entry === `HOSTNAME=${config.hostname}` ? `HOSTNAME=${hostname}` : entry,
  );
  return { ...config, hostname, process: { ...config.process, env } };
}
