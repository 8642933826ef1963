/** A network namespace of its own with nothing but the loopback interface, which gocker brings up itself. */
import type { CreateDriver, NetworkDriver } from '../../src/driver/index.ts';

const createNone: CreateDriver<NetworkDriver> = () => ({
  namespace: 'private',
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

export default createNone;
