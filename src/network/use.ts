import { hasCode } from '../errors.ts';
import type { NetworkContext } from './context.ts';
import { ensurePredefined } from './create.ts';
import { findNetwork, networkNotFound } from './find.ts';
import { useLockOf } from './paths.ts';
import { readNetwork } from './record.ts';
import type { NetworkRecord } from './schema.ts';

/** The networks that need no record: all that a driver knows of them is in their name. */
const RECORDLESS = ['host', 'none'];

/**
 * Runs `work` on the network that `text` names while nobody can remove it; the predefined bridge is made at its first use.
 * With `alone`, nobody else uses it meanwhile either. Throws NETWORK_NOT_FOUND.
 */
export async function whileUsing<T>(
  context: NetworkContext,
  { text, alone = false }: { text: string; alone?: boolean },
  work: (network: NetworkRecord) => Promise<T>,
): Promise<T> {
  const network = await usableNetwork(context, text);
  if (RECORDLESS.includes(network.name)) return await work(network);
  let held = false;
  try {
    const lock = useLockOf(context.root, network.id);
    return await context.withLock(
      lock,
      async () => {
        held = true;
        if (!readNetwork(context.root, network.id)) throw networkNotFound(text);
        return await work(network);
      },
      { shared: !alone },
    );
  } catch (error) {
    if (!held && hasCode(error, 'ENOENT')) throw networkNotFound(text);
    throw error;
  }
}

/** The network with all that its driver has filled in. */
export async function usableNetwork(context: NetworkContext, text: string): Promise<NetworkRecord> {
  const network = await findNetwork(context, text);
  const isWritten = network.name !== 'bridge' || readNetwork(context.root, network.id) !== undefined;
  return isWritten ? network : await ensurePredefined(context, network.name);
}
