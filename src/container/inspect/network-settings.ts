import { portName } from '../network/ports.ts';
import type { Container, ContainerConfig, EndpointConfig, NetworkAttachment } from '../schema.ts';

type Published = NetworkAttachment['made']['ports'][number];

/** The Engine API's NetworkSettings. As in docker only the default bridge's addresses stand at the top. */
export function inspectNetworkSettings({ id, config, state }: Container) {
  const attachments = state.attachments ?? [];
  const networks = config.networks.map((endpoint) => {
    const attachment = attachments.find(({ network }) => network.name === endpoint.network);
    return [endpoint.network, inspectEndpoint(endpoint, attachment, id)] as const;
  });
  const bridge = networks.find(([name]) => name === 'bridge')?.[1] ?? inspectEndpoint();
  const { EndpointID, Gateway, GlobalIPv6Address, GlobalIPv6PrefixLen } = bridge;
  const { IPAddress, IPPrefixLen, IPv6Gateway, MacAddress } = bridge;
  return {
    Ports: portBindings(config, publishedPorts(attachments)),
    ...{ EndpointID, Gateway, GlobalIPv6Address, GlobalIPv6PrefixLen },
    ...{ IPAddress, IPPrefixLen, IPv6Gateway, MacAddress },
    Networks: Object.fromEntries(networks),
  };
}

/** Where a container's ports are reached now. */
export function publishedPorts(attachments: NetworkAttachment[] = []): Published[] {
  return attachments.flatMap(({ made }) => made.ports);
}

/** `80/tcp` for each exposed or published port, with the host's addresses, or null. */
function portBindings({ ports, exposed }: ContainerConfig, published: Published[]) {
  const names = [...exposed, ...ports.map(portName), ...published.map(portName)];
  const byName = [...new Set(names)].sort().map((name) => {
    const bound = published.filter((port) => portName(port) === name);
    const bindings = bound.map(({ hostIp, hostPort }) => ({ HostIp: hostIp, HostPort: String(hostPort) }));
    return [name, bindings.length === 0 ? null : bindings] as const;
  });
  return Object.fromEntries(byName);
}

/** The Engine API's EndpointSettings. */
export function inspectEndpoint(endpoint?: EndpointConfig, attachment?: NetworkAttachment, id?: string) {
  const made = attachment?.made;
  const [address, prefix] = split(made?.addresses.find((one) => !one.includes(':')));
  const [address6, prefix6] = split(made?.addresses.find((one) => one.includes(':')));
  const gateways = attachment?.gateways ?? [];
  return {
    IPAMConfig: ipamConfig(endpoint?.addresses ?? []),
    Links: null,
    Aliases: endpoint && endpoint.aliases.length > 0 ? endpoint.aliases : null,
    MacAddress: made?.interfaces.find(({ mac }) => mac !== undefined)?.mac ?? endpoint?.mac ?? '',
    GwPriority: endpoint?.gatewayPriority ?? 0,
    NetworkID: attachment?.network.id ?? '',
    EndpointID: attachment && id ? endpointId(attachment.network.id, id) : '',
    Gateway: gateways.find((one) => !one.includes(':')) ?? '',
    IPAddress: address,
    IPPrefixLen: prefix,
    IPv6Gateway: gateways.find((one) => one.includes(':')) ?? '',
    GlobalIPv6Address: address6,
    GlobalIPv6PrefixLen: prefix6,
    DriverOpts: null,
  };
}

/** docker gives each attachment an ID; ours is known by the two that it connects. */
export function endpointId(networkId: string, containerId: string): string {
  const bits = BigInt(`0x${networkId}`) ^ BigInt(`0x${containerId}`);
  return bits.toString(16).padStart(64, '0');
}

function ipamConfig(addresses: string[]) {
  const four = addresses.find((one) => !one.includes(':'));
  const six = addresses.find((one) => one.includes(':'));
  if (four === undefined && six === undefined) return null;
  return { ...(four && { IPv4Address: four }), ...(six && { IPv6Address: six }) };
}

function split(address = ''): [address: string, prefix: number] {
  const [text = '', prefix = '0'] = address.split('/');
  return [text, Number(prefix)];
}
