/** A local network that the host is on, for drivers that put containers on it. */
import type { Network } from '../../../src/driver/index.ts';
import { eventually, type Namespace, network, newNamespace, run } from './ground.ts';

export const ping = (address: string) => ['busybox', 'ping', '-c', '1', '-W', '2', address];
export const subnets = [{ subnet: '192.168.50.0/24', gateway: '192.168.50.1', ipRange: '192.168.50.128/25' }];

/** The host is on a local network, whose router is a namespace. */
export async function localNetwork(): Promise<Namespace> {
  await eventually(() => !run('ip', 'link').includes('lan0'));
  const router = newNamespace();
  run(
    'ip',
    'link',
    'add',
    'lan0',
    'mtu',
    '1400',
    'type',
    'veth',
    'peer',
    'name',
    'wire',
    'netns',
    router.path,
  );
  run('sysctl', '-qw', 'net.ipv6.conf.lan0.disable_ipv6=1');
  run('ip', 'address', 'add', '192.168.50.2/24', 'dev', 'lan0');
  run('ip', 'link', 'set', 'lan0', 'up');
  router.run('ip', 'address', 'add', '192.168.50.1/24', 'dev', 'wire');
  router.run('ip', 'address', 'add', '8.8.8.8/32', 'dev', 'wire');
  router.run('ip', 'link', 'set', 'wire', 'up');
  await eventually(() => run('ip', 'link', 'show', 'lan0').includes('state UP'));
  return router;
}

export function lan(some: Partial<Network> = {}): Network {
  return network({ name: 'lan', subnets, options: { parent: 'lan0' }, ...some });
}
