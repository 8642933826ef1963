import { hasCode } from '../../errors.ts';
import type { ContainerContext } from '../context.ts';
import type { Container } from '../schema.ts';
import { activeOn } from './active.ts';

/** Has the driver release all on the network that no living container has. False for a network that has none to release. */
export async function releaseUnused(context: ContainerContext, text: string): Promise<boolean> {
  return await context.networks.whileUsing({ text, alone: true }, async ({ network, driver }) => {
    if (network.subnets.length === 0) return false;
    const alive = await activeOn(context, network);
    await driver.prune(
      network,
      alive.map(({ id }) => id),
    );
    return true;
  });
}

/** The same on each network that the containers are to be on: nothing of what was before a boot is left there. */
export async function releaseLost(context: ContainerContext, containers: Container[]): Promise<void> {
  const names = containers.flatMap(({ config }) => config.networks.map(({ network }) => network));
  for (const name of new Set(names)) {
    try {
      await releaseUnused(context, name);
    } catch (error) {
      // Its start will say so.
      if (!hasCode(error, 'NETWORK_NOT_FOUND')) throw error;
    }
  }
}
