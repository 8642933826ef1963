/** Which ports of a container are published where. Pure. */
import type { Network, PublishedPort } from '../../driver/index.ts';
import type { ContainerConfig, PortBinding } from '../schema.ts';

/** A port to publish, and the last of the host's ports that would do. */
export interface WantedPort extends PublishedPort {
  lastHostPort: number;
}

/** What the user asked for, and with `publishAll` all that is exposed and not asked for by itself. */
export function wantedPorts(
  { ports, exposed, publishAll }: Pick<ContainerConfig, 'ports' | 'exposed' | 'publishAll'>,
  network: Pick<Network, 'ipv6'>,
): WantedPort[] {
  const asked = new Set(ports.map(portName));
  const rest = publishAll ? exposed.filter((port) => !asked.has(port)).map(anyPort) : [];
  return [...ports, ...rest].flatMap((binding) =>
    hostAddresses(binding, network).map((hostIp) => ({
      hostIp,
      hostPort: binding.hostPort,
      lastHostPort: binding.lastHostPort ?? binding.hostPort,
      containerPort: binding.containerPort,
      protocol: binding.protocol,
    })),
  );
}

/** `80/tcp`. */
export function portName({
  containerPort,
  protocol,
}: Pick<PublishedPort, 'containerPort' | 'protocol'>): string {
  return `${containerPort}/${protocol}`;
}

/** All addresses of the host; those of IPv6 only where the container has one. */
function hostAddresses({ hostIp }: PortBinding, { ipv6 }: Pick<Network, 'ipv6'>): string[] {
  if (hostIp !== '') return [hostIp];
  return ipv6 ? ['0.0.0.0', '::'] : ['0.0.0.0'];
}

function anyPort(exposed: string): PortBinding {
  const [port, protocol] = exposed.split('/');
  return {
    hostIp: '',
    hostPort: 0,
    containerPort: Number(port),
    protocol: protocol as PortBinding['protocol'],
  };
}
