/** Use-cases about networks: what makes and removes them, and which containers are on them. */
import type { ContainerContext } from '../container/context.ts';
import { endpointId } from '../container/inspect/network-settings.ts';
import { listContainers } from '../container/list.ts';
import { activeOn } from '../container/network/active.ts';
import { connectContainer } from '../container/network/connect.ts';
import { disconnectContainer } from '../container/network/disconnect.ts';
import { releaseUnused } from '../container/network/prune.ts';
import type { EndpointOptions } from '../container/plan/networks.ts';
import type { Container } from '../container/schema.ts';
import { hasCode } from '../errors.ts';
import { parseConditions } from '../image/conditions.ts';
import type { NetworkContext } from '../network/context.ts';
import { type CreateNetworkOptions, createNetwork } from '../network/create.ts';
import { findNetwork, listNetworks } from '../network/find.ts';
import { driverName, inspectNetwork, type ShownEndpoint } from '../network/inspect.ts';
import { isPredefined } from '../network/predefined.ts';
import { readNetworks } from '../network/record.ts';
import { type ActiveOn, removeNetwork, takeAway } from '../network/remove.ts';
import type { NetworkRecord } from '../network/schema.ts';
import { sweepNetworks } from '../network/sweep.ts';
import { parseNetworkFilters } from './network-filter.ts';

/** A network as lists show it. */
export interface NetworkSummary {
  id: string;
  name: string;
  /** docker's word for it. */
  driver: string;
  created: string;
  ipv6: boolean;
  internal: boolean;
  labels: Record<string, string>;
}

export type NetworkInspection = ReturnType<typeof inspectNetwork>;

/** Networks are named by name, ID, or beginning of an ID. */
export interface Networks {
  /** Resolves to the ID. */
  createNetwork(options: CreateNetworkOptions): Promise<string>;
  /** By name; `filters` as `key=value`. */
  listNetworks(filters?: string[]): Promise<NetworkSummary[]>;
  inspectNetwork(network: string): Promise<NetworkInspection>;
  /** Resolves to the name. */
  removeNetwork(network: string): Promise<string>;
  /** Removes those that no container is to be on; resolves to their names. */
  pruneNetworks(filters?: string[]): Promise<string[]>;
  connectNetwork(container: string, endpoint: EndpointOptions): Promise<void>;
  disconnectNetwork(request: { network: string; container: string; force?: boolean }): Promise<void>;
}

/** Where both kinds of records are. */
interface Place {
  containers: ContainerContext;
  networks: NetworkContext;
}

export function createNetworks(ready: () => Promise<Place>): Networks {
  return {
    createNetwork: async (options) => (await createNetwork((await ready()).networks, options)).id,
    listNetworks: async (filters = []) => list(await ready(), filters),
    inspectNetwork: async (text) => inspect(await ready(), text),
    removeNetwork: async (text) => remove(await ready(), text),
    pruneNetworks: async (filters = []) => pruneNetworks(await ready(), { filters, builtIn: true }),
    connectNetwork: async (text, endpoint) => connectContainer((await ready()).containers, text, endpoint),
    disconnectNetwork: async (request) => disconnectContainer((await ready()).containers, request),
  };
}

async function list({ containers, networks }: Place, filters: string[]): Promise<NetworkSummary[]> {
  const fits = parseNetworkFilters(filters);
  await sweepNetworks(networks);
  const used = new Set(filters.length > 0 ? await wantedNames(containers) : []);
  const all = await listNetworks(networks);
  return all
    .filter((network) => fits(network, used.has(network.name)))
    .map(({ version: _1, subnets: _2, options: _3, ...network }) => ({
      ...network,
      driver: driverName(network),
    }));
}

/** The networks that containers are on or are to be on. */
async function wantedNames(context: ContainerContext, leaving = new Set<string>()): Promise<string[]> {
  const { containers } = await listContainers(context);
  const staying = containers.filter(({ id }) => !leaving.has(id));
  return staying.flatMap(({ config }) => config.networks.map(({ network }) => network));
}

async function inspect({ containers, networks }: Place, text: string): Promise<NetworkInspection> {
  const network = await findNetwork(networks, text);
  const list = (await listContainers(containers)).containers;
  const shown = list.flatMap((container) => shownOn(network, container));
  return inspectNetwork(network, Object.fromEntries(shown));
}

function shownOn({ id }: NetworkRecord, container: Container): [string, ShownEndpoint][] {
  const attachment = container.state.attachments?.find(({ network }) => network.id === id);
  if (!attachment) return [];
  const { addresses, interfaces } = attachment.made;
  const endpoint = {
    Name: container.config.name,
    EndpointID: endpointId(id, container.id),
    MacAddress: interfaces[0]?.mac ?? '',
    IPv4Address: addresses.find((address) => !address.includes(':')) ?? '',
    IPv6Address: addresses.find((address) => address.includes(':')) ?? '',
  };
  return [[container.id, endpoint]];
}

async function remove(place: Place, text: string): Promise<string> {
  await listContainers(place.containers);
  return (await removeNetwork(place.networks, text, activeIn(place))).name;
}

export interface PruneNetworksOptions {
  filters?: readonly string[];
  /** Tells what would go, and takes nothing away. */
  dryRun?: boolean;
  /** Takes away, too, what the predefined bridge has on the host; it comes back with the next container. */
  builtIn?: boolean;
  /** IDs of containers that are about to go, and want nothing any more. */
  leaving?: Set<string>;
}

/** Puts right what the dead have left on all networks, then removes those that nobody wants; their names. */
export async function pruneNetworks(
  place: Place,
  { filters = [], dryRun = false, builtIn = false, leaving }: PruneNetworksOptions,
): Promise<string[]> {
  const { containers, networks } = place;
  const fits = parseConditions(filters, networks.now());
  await sweepNetworks(networks);
  const wanted = new Set(await wantedNames(containers, leaving));
  const removed: string[] = [];
  for (const network of await readNetworks(networks.root)) {
    const goes = isPredefined(network.name) ? builtIn : !wanted.has(network.name) && fits(network);
    if (!dryRun) await releaseUnused(containers, network.id);
    if (goes && (dryRun || (await removeUnlessUsed(place, network)))) removed.push(network.name);
  }
  return removed.filter((name) => !isPredefined(name)).sort();
}

/** Somebody may use it meanwhile. */
async function removeUnlessUsed(place: Place, network: NetworkRecord): Promise<boolean> {
  try {
    await takeAway(place.networks, network, activeIn(place));
    return true;
  } catch (error) {
    if (!hasCode(error, 'NETWORK_IN_USE', 'NETWORK_NOT_FOUND')) throw error;
    return false;
  }
}

function activeIn({ containers }: Place): ActiveOn {
  return async (network) =>
    (await activeOn(containers, network)).map(({ id, config }) => ({ id, name: config.name }));
}
