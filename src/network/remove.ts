import { rename } from 'node:fs/promises';
import { ConflictError } from '../errors.ts';
import type { NetworkContext } from './context.ts';
import { findNetwork } from './find.ts';
import { directoryOf, stagedOf } from './paths.ts';
import { isPredefined } from './predefined.ts';
import type { NetworkRecord } from './schema.ts';
import { finishStaged, whileNaming } from './sweep.ts';
import { whileUsing } from './use.ts';

/** A container on the network that runs. */
export interface Active {
  id: string;
  name: string;
}

/** Who is on the network now, told by records that are read anew. */
export type ActiveOn = (network: NetworkRecord) => Promise<Active[]>;

/**
 * Removes the network that `text` names, and all that its driver has made for it. Throws NETWORK_NOT_FOUND, and ConflictErrors
 * for a predefined one and for one that is used.
 */
export async function removeNetwork(
  context: NetworkContext,
  text: string,
  activeOn: ActiveOn,
): Promise<NetworkRecord> {
  const network = await findNetwork(context, text);
  if (isPredefined(network.name)) {
    throw new ConflictError(
      'NETWORK_PREDEFINED',
      `${network.name} is a pre-defined network and cannot be removed`,
      { hint: 'gocker network prune takes away what it has made on the host' },
    );
  }
  await takeAway(context, network, activeOn);
  return network;
}

/** Removes it whatever it is called. Throws NETWORK_IN_USE. */
export async function takeAway(
  context: NetworkContext,
  network: NetworkRecord,
  activeOn: ActiveOn,
): Promise<void> {
  await whileNaming(context, async () => {
    await whileUsing(context, { text: network.id, alone: true }, async () => {
      const active = await activeOn(network);
      if (active.length > 0) throw inUse(network, active);
      await rename(directoryOf(context.root, network.id), stagedOf(context.root, network.id));
    });
    await finishStaged(context);
  });
}

function inUse({ name, id }: NetworkRecord, active: Active[]): ConflictError {
  const list = active.map((one) => `name:"${one.name}" id:"${one.id.slice(0, 12)}"`).join(', ');
  return new ConflictError(
    'NETWORK_IN_USE',
    `error while removing network: network ${name} id ${id} has active endpoints (${list})`,
    { hint: `stop the containers, or part them from it: gocker network disconnect ${name} CONTAINER` },
  );
}
