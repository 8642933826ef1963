/** A bridge of the host for each network, and a veth pair for each container: rtnetlink(7), no `ip`. */
import type { CreateDriver, DriverHost, NetworkDriver } from '../../src/driver/index.ts';
import { attachContainer } from './bridge/attach.ts';
import { createNetwork } from './bridge/create.ts';
import { detachContainer, pruneNetwork } from './bridge/detach.ts';
import { removeNetwork } from './bridge/remove.ts';
import { probeLinks } from './probe.ts';

const createBridge: CreateDriver<NetworkDriver> = (host: DriverHost) => ({
  namespace: 'private',
  probe: async () => probeLinks(host, 'bridge'),
  create: (network) => createNetwork(host, network),
  remove: (network) => removeNetwork(host, network),
  attach: (network, endpoint) => attachContainer(host, network, endpoint),
  detach: (network, attachment) => detachContainer(host, network, attachment),
  prune: (network, alive) => pruneNetwork(host, network, alive),
});

export default createBridge;
