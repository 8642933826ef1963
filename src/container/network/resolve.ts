import { hostname } from 'node:os';
import { ConflictError, UsageError } from '../../errors.ts';
import type { ContainerContext } from '../context.ts';
import { findContainer } from '../find.ts';
import { askedNetworks } from '../plan/networks.ts';
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
  const asked = askedNetworks(options);
  const [first] = asked;
  const joined = first && joinedId(first);
  if (joined !== undefined && asked.length === 1) {
    const { id, config } = await findOther(context, joined);
    const networks = [{ ...first, network: joinedMode(id) }];
    return { options: { ...options, networks }, sharedHostname: config.hostname };
  }
  warnAboutPorts(context, { ...options, networks: asked });
  const networks = [];
  for (const endpoint of asked) {
    if (joinedId(endpoint) === undefined) {
      const { network } = await context.networks.find(endpoint.network);
      networks.push({ ...endpoint, network: network.name });
    } else networks.push(endpoint);
  }
  return { options: { ...options, networks }, sharedHostname: hostname() };
}

/** docker's, which does not refuse it either. */
function warnAboutPorts(
  { log }: ContainerContext,
  { networks = [], ports = [], publishAll }: CreateOptions,
): void {
  const isHost = networks.some(({ network }) => network === 'host');
  if (isHost && (ports.length > 0 || publishAll))
    log('WARNING: Published ports are discarded when using host network mode');
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
