import type { Network } from '../../../src/driver/index.ts';
import { ownName } from '../interface.ts';

/** docker's option that names the bridge. */
export const BRIDGE_NAME = 'com.docker.network.bridge.name';
/** The bridge of the network that containers get when none is asked for. */
export const DEFAULT_BRIDGE = 'gocker0';
export const DEFAULT_NETWORK = 'bridge';

/** What `create` chose; at most 15 characters, as all names of interfaces. */
export function bridgeName({ options, id }: Network): string {
  return options[BRIDGE_NAME] ?? ownBridgeName(id);
}

export function ownBridgeName(id: string): string {
  return `gk-${id.slice(0, 12)}`;
}

/** The host's end of a container's link to a network: the same two always have the same name. */
export function vethName({ id }: Pick<Network, 'id'>, containerId: string): string {
  return ownName('veth', id, containerId);
}

/** Words on links, by which it is known whose they are. */
export function aliasOf(id: string): string {
  return `gocker:${id}`;
}

/** The ID in such words. */
export function idIn(alias: string | undefined): string | undefined {
  return alias?.match(/^gocker:([0-9a-f]{64})$/)?.[1];
}
