import type { DriverHost, Network } from '../../../src/driver/index.ts';
import { ConflictError } from '../../../src/errors.ts';
import { chooseSubnets } from '../addresses/choose.ts';
import { bootId } from '../addresses/maker.ts';
import { allStates, findState, type NetworkState, withState, writeState } from '../addresses/state.ts';
import { takenByHost, takenByNetworks } from '../addresses/taken.ts';
import { checkInterfaceName } from '../interface.ts';
import { withNetlink } from '../netlink.ts';
import { checkOptions, wordOf } from '../options.ts';
import { aliasOf, BRIDGE_NAME, DEFAULT_BRIDGE, DEFAULT_NETWORK, ownBridgeName } from './names.ts';
import { KNOWN_OPTIONS, MASQUERADE, TALK } from './options.ts';

/** The range of the default network, where the host has no use for it. */
const DEFAULT_RANGES = ['172.29.0.0/16'];

/** Chooses and reserves ranges and the bridge's name; makes no bridge. Idempotent for one ID. */
export async function createNetwork(host: DriverHost, network: Network): Promise<Network> {
  checkOptions(network, KNOWN_OPTIONS);
  for (const key of [TALK, MASQUERADE]) wordOf(network.options, key, ['true', 'false']);
  return withState(host, () => {
    const device = chooseDevice(host, network);
    const subnets = chooseSubnets({
      network,
      taken: [...takenByNetworks(host, network.id), ...takenByHost(host, device)],
      first: network.name === DEFAULT_NETWORK ? DEFAULT_RANGES : [],
    });
    writeState(host, network.id, {
      ...(findState(host, network.id) ?? { last: {}, leases: {}, boot: bootId() }),
      name: network.name,
      device,
      subnets: subnets.map(({ subnet }) => subnet!),
    } satisfies NetworkState);
    return { ...network, subnets, options: { ...network.options, [BRIDGE_NAME]: device } };
  });
}

/** The name that was asked for must be free; else the default network's is a short one where nobody has it. */
function chooseDevice(host: DriverHost, network: Network): string {
  const asked = network.options[BRIDGE_NAME];
  const own = ownBridgeName(network.id);
  if (asked === undefined)
    return network.name === DEFAULT_NETWORK && !ownerOf(host, network, DEFAULT_BRIDGE) ? DEFAULT_BRIDGE : own;
  const owner = ownerOf(host, network, checkInterfaceName(asked));
  if (!owner) return asked;
  throw new ConflictError('BRIDGE_IN_USE', `bridge ${asked} of network ${network.name} is ${owner}'s`, {
    hint: `choose another name by -o ${BRIDGE_NAME}=NAME, or leave the choice to gocker`,
  });
}

/** Who has that interface, in words: another network, or somebody else on this host. */
function ownerOf(host: DriverHost, { id }: Network, device: string): string | undefined {
  const other = [...allStates(host)].find(([of, state]) => of !== id && state.device === device);
  if (other) return `network ${other[1].name}`;
  const link = withNetlink(host, (netlink) => netlink.link(device));
  return link && link.alias !== aliasOf(id) ? 'somebody else' : undefined;
}
