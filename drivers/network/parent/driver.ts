import type { CreateDriver, DriverHost, NetworkDriver } from '../../../src/driver/index.ts';
import { release, releaseDead } from '../addresses/lease.ts';
import { withState } from '../addresses/state.ts';
import { probeLinks } from '../probe.ts';
import { attachContainer } from './attach.ts';
import { createNetwork, removeNetwork } from './create.ts';
import { unplug } from './detach.ts';
import type { Kind } from './kind.ts';

/**
 * A driver that puts containers on a network which an interface of the host is on already: the kernel makes further
 * interfaces of that one, and each is born in its container's namespace. On the host there is nothing to clean up.
 */
export function parentDriver(kind: Kind): CreateDriver<NetworkDriver> {
  return (host: DriverHost) => ({
    namespace: 'private',
    probe: async () => probeLinks(host, kind.name),
    create: (network) => createNetwork(host, kind, network),
    remove: (network) => removeNetwork(host, network),
    attach: (network, endpoint) => attachContainer(host, { kind, network, endpoint }),
    async detach(network, attachment) {
      if ('state' in attachment) unplug(host, attachment);
      await withState(host, () => release(host, network, attachment.containerId));
    },
    async prune(network, alive) {
      await withState(host, () => releaseDead(host, network, alive));
    },
  });
}
