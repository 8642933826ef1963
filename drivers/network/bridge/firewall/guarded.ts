import type { Network } from '../../../../src/driver/index.ts';
import { checkInterfaceName } from '../../interface.ts';
import { bridgeName } from '../names.ts';
import { MASQUERADE } from '../options.ts';
import type { GuardedNetwork } from './records.ts';

/** What the firewall has to know of a network. */
export function guardedNetwork(network: Network): GuardedNetwork {
  return {
    id: network.id,
    bridge: checkInterfaceName(bridgeName(network)),
    internal: network.internal,
    masquerade: network.options[MASQUERADE] !== 'false',
  };
}
