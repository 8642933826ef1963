/** The host's own network: the container sees and uses the host's interfaces, addresses and ports. */
import type { CreateDriver, NetworkDriver } from '../../src/driver/index.ts';

const createHost: CreateDriver<NetworkDriver> = () => ({
  namespace: 'host',
  async probe() {},
  async create(network) {
    return network;
  },
  async remove() {},
  async attach(_network, { containerId }) {
    return { containerId, interfaces: [], addresses: [], routes: [], dns: [], state: {} };
  },
  async detach() {},
  async prune() {},
});

export default createHost;
