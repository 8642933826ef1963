import type { CreateDriver, DriverHost, NetworkDriver } from '../../../src/driver/index.ts';
import { probeLinks } from '../probe.ts';
import { attachContainer } from './attach.ts';
import { createNetwork, removeNetwork } from './create.ts';
import { detachContainer, pruneNetwork } from './detach.ts';
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
    detach: (network, attachment) => detachContainer(host, network, attachment),
    prune: (network, alive) => pruneNetwork(host, network, alive),
  });
}
