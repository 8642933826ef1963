import { join } from 'node:path';
import type { ContainerNetworks } from '../../src/container/context.ts';
import type { Attachment, Endpoint, Network, NetworkDriver } from '../../src/driver/index.ts';
import { NotFoundError } from '../../src/errors.ts';
import type { FakeContext } from './fake-context.ts';

export function fakeNetworks(context: FakeContext): ContainerNetworks {
  const find = async (text: string) => {
    const name = text.replace(/0+$/, '');
    if (name === 'nowhere') throw new NotFoundError('NETWORK_NOT_FOUND', `network ${name} not found`);
    const subnets = [{ subnet: '10.0.0.0/24', gateway: '10.0.0.1' }];
    const rest = { driver: name, subnets, ipv6: name.endsWith('six'), options: {} };
    const network = { id: name.padEnd(64, '0'), name, internal: name.startsWith('internal'), ...rest };
    return { driver: fakeNetwork(context), network };
  };
  return {
    find,
    open: find,
    whileUsing: async ({ text }, work) => await work(await find(text)),
    publish: async ({ name }, container) => {
      context.named.set(`${name}/${container.containerId}`, container);
    },
    withdraw: async ({ name }, containerId) => {
      context.named.delete(`${name}/${containerId}`);
    },
    clear: async () => {},
    filesOf: () => [],
    writeFiles: (directory) => [
      { source: join(directory, 'hosts'), destination: '/etc/hosts', readonly: false, recursive: false },
    ],
  };
}

function fakeNetwork({ attached, links, pruned, attaching }: FakeContext): NetworkDriver {
  return {
    namespace: 'private',
    attach: async ({ name }: Network, endpoint: Endpoint): Promise<Attachment> => {
      const { containerId, ifname, ports } = endpoint;
      attaching.before?.(name);
      attached.add(containerId);
      links.set(`${name}/${containerId}`, endpoint);
      attaching.after?.(name);
      const addresses = endpoint.addresses.length > 0 ? endpoint.addresses : [`10.0.0.${links.size + 1}/24`];
      return {
        containerId,
        interfaces: [{ name: ifname }],
        addresses,
        routes: [],
        dns: [],
        ports,
        state: {},
      };
    },
    detach: async ({ name }: Network, { containerId }: Attachment) => {
      links.delete(`${name}/${containerId}`);
      if (![...links.keys()].some((key) => key.endsWith(containerId))) attached.delete(containerId);
    },
    prune: async ({ name }: Network, alive: string[]) => {
      pruned.push(`${name}: ${alive.length}`);
    },
  } as unknown as NetworkDriver;
}
