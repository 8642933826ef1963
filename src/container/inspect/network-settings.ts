import type { ContainerConfig, ContainerState } from '../schema.ts';

/** The Engine API's NetworkSettings; the first IPv4 address is the container's. */
export function inspectNetworkSettings(config: ContainerConfig, { attachment }: ContainerState) {
  const [address = '', prefix = ''] =
    attachment?.addresses.find((one) => !one.includes(':'))?.split('/') ?? [];
  const [address6 = '', prefix6 = ''] =
    attachment?.addresses.find((one) => one.includes(':'))?.split('/') ?? [];
  const endpoint = {
    Gateway: attachment?.routes.find(({ to }) => to === 'default' || to === '0.0.0.0/0')?.via ?? '',
    IPAddress: address,
    IPPrefixLen: Number(prefix),
    GlobalIPv6Address: address6,
    GlobalIPv6PrefixLen: Number(prefix6),
    MacAddress: attachment?.interfaces.find(({ mac }) => mac !== undefined)?.mac ?? '',
  };
  return { Ports: {}, ...endpoint, Networks: { [config.network]: endpoint } };
}
