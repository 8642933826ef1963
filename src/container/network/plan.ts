import { UsageError } from '../../errors.ts';
import type { BindMount, ContainerPlan } from '../../runtime/types.ts';
import type { ContainerContext, OpenNetwork } from '../context.ts';
import { directoryOf } from '../paths.ts';
import type { ContainerConfig } from '../schema.ts';
import { findJoined, joinedId } from './joined.ts';

import { orOtherwise } from './otherwise.ts';

/** What a container's start has to do with networks. */
export interface PlannedNetwork {
  network: ContainerPlan['network'];
  /** /etc/hosts, /etc/hostname and /etc/resolv.conf. */
  files: BindMount[];
  hostname: string;
}

/** docker's word in --add-host for the host as the container reaches it. */
export const HOST_GATEWAY = 'host-gateway';

/** The container's network namespace, and its files of names. Throws NETWORK_NOT_FOUND, and NOT_RUNNING for one to be joined. */
export async function planNetwork(
  context: ContainerContext,
  config: ContainerConfig,
): Promise<PlannedNetwork> {
  const joined = joinedId(config);
  if (joined !== undefined) return await planJoined(context, joined);
  const { hostname, settings, networks } = config;
  const open: OpenNetwork[] = [];
  for (const { network } of networks)
    open.push(await orOtherwise(network, () => context.networks.open(network)));
  const network = open[0]?.driver.namespace ?? 'private';
  const alone = network === 'private' && networks.every((endpoint) => endpoint.network === 'none');
  const files = context.networks.writeFiles(directoryOf(context.root, config.id), {
    ...settings,
    extraHosts: (settings.extraHosts ?? []).map((host) => withGateway(host, open)),
    hostname,
    reach: network === 'host' ? 'host' : alone ? 'nobody' : 'networks',
  });
  return { network, files, hostname };
}

/** It has the files and the name of the other one, as docker does. */
async function planJoined(context: ContainerContext, id: string): Promise<PlannedNetwork> {
  const { container, identity } = await findJoined(context, id);
  const hostname = container.config.hostname;
  const other = joinedId(container.config);
  const files = other
    ? (await planJoined(context, other)).files
    : context.networks.filesOf(directoryOf(context.root, container.id));
  return { network: { join: identity }, files, hostname };
}

function withGateway(entry: string, open: OpenNetwork[]): string {
  if (!entry.endsWith(`:${HOST_GATEWAY}`)) return entry;
  const [first] = open;
  const isHost = first?.driver.namespace === 'host';
  const gateways = open.flatMap(({ network }) => network.subnets.map(({ gateway }) => gateway));
  const gateway = isHost ? '127.0.0.1' : gateways.find((address) => address !== undefined);
  if (gateway !== undefined) return entry.slice(0, -HOST_GATEWAY.length) + gateway;
  throw new UsageError(
    'NO_HOST_GATEWAY',
    `--add-host ${entry}: there is no gateway to the host without a network`,
    {
      hint: "give the host's address, or another --network",
    },
  );
}
