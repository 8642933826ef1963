import type { CreateDriver, NetworkDriver } from '../../src/driver/index.ts';

/** A network that makes no interface, in the namespace that is given: nothing to create, attach or release. */
export function linkless(namespace: NetworkDriver['namespace']): CreateDriver<NetworkDriver> {
  return () => ({
    namespace,
    async probe() {},
    async create(network) {
      return network;
    },
    async remove() {},
    async attach(_network, { containerId }) {
      return { containerId, interfaces: [], addresses: [], routes: [], dns: [], ports: [], state: {} };
    },
    async detach() {},
    async prune() {},
  });
}
