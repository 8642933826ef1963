import { hostname } from 'node:os';
import { ConflictError, UsageError } from '../../errors.ts';
import type { ContainerContext } from '../context.ts';
import { findContainer } from '../find.ts';
import type { CreateOptions } from '../plan.ts';
import { joinedId, joinedMode } from './joined.ts';

/**
 * The options with networks by their names and containers by their IDs, whatever the user called them, and the name of a
 * container that shares a network. Throws NETWORK_NOT_FOUND, CONTAINER_NOT_FOUND.
 */
export async function resolveNetworks(
  context: ContainerContext,
  options: CreateOptions,
): Promise<{ options: CreateOptions; sharedHostname: string }> {
  const [first] = options.networks ?? [];
  const joined = first && joinedId(first);
  if (joined !== undefined && options.networks?.length === 1) {
    const { id, config } = await findOther(context, joined);
    const networks = [{ ...first, network: joinedMode(id) }];
    return { options: { ...options, networks }, sharedHostname: config.hostname };
  }
  const networks = [];
  for (const endpoint of options.networks ?? []) {
    if (joinedId(endpoint) === undefined) {
      const { network } = await context.networks.find(endpoint.network);
      networks.push({ ...endpoint, network: network.name });
    } else networks.push(endpoint);
  }
  return { options: { ...options, networks }, sharedHostname: hostname() };
}

async function findOther(context: ContainerContext, text: string) {
  if (text === '') {
    throw new UsageError(
      'INVALID_MODE',
      'invalid network mode: invalid container format container:<name|id>',
    );
  }
  const container = await findContainer(context, text);
  if (container.config.network !== 'host') return container;
  throw new ConflictError('HOST_NETWORK', `container "${container.config.name}" has the host's network`, {
    hint: 'use --network host',
  });
}
