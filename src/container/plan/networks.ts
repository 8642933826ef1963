/** The networks and ports of a container, checked against each other and against the rest. Pure; the words are docker's. */
import { ConflictError, UsageError } from '../../errors.ts';
import type { ImageRunConfig } from '../../image/types.ts';
import type { ContainerConfig, EndpointConfig, PortBinding } from '../schema.ts';
import type { Settings } from './schema.ts';

/** A network that a container is to be on. */
export interface EndpointOptions {
  /** A name, or `container:ID`. */
  network: string;
  /** More names of the container on that network. */
  aliases?: string[];
  /** At most one of each family, without prefix length. */
  addresses?: string[];
  mac?: string;
  /** The default route leads through the network with the highest; 0 when absent. */
  gatewayPriority?: number;
}

/** What may be asked of a container's networks. */
export interface NetworkOptions {
  /** The default bridge when absent or empty. */
  networks?: EndpointOptions[];
  /** One network and nothing more to say of it, instead of `networks`. */
  network?: string;
  ports?: PortBinding[];
  /** `80/tcp`, besides those of the image. */
  exposed?: string[];
  /** Publishes all exposed ports on ports of the host that are free. */
  publishAll?: boolean;
}

type Asked = NetworkOptions & Pick<Settings, 'dns' | 'extraHosts' | 'uts'> & { hostname?: string };
type Planned = Pick<ContainerConfig, 'network' | 'networks' | 'ports' | 'exposed' | 'publishAll'>;

/** Networks of which a container has no other beside. */
const ALONE = ['host', 'none'];
/** Networks that have neither names nor addresses of one's own choice. */
const NOT_USER_DEFINED = ['bridge', ...ALONE];

/** The part of the record that tells of networks. Throws UsageErrors and ConflictErrors for what cannot be together. */
export function planNetworks(options: Asked, image: ImageRunConfig): Planned {
  const endpoints = askedNetworks(options).map(planEndpoint);
  const mode = endpoints[0]!.network;
  const isJoined = mode.startsWith('container:');
  checkTogether(endpoints);
  if (isJoined) checkJoined(options, endpoints[0]!);
  for (const endpoint of endpoints) checkEndpoint(endpoint);
  const exposed = [...Object.keys(image.ExposedPorts ?? {}).map(withProtocol), ...(options.exposed ?? [])];
  return {
    network: mode,
    networks: isJoined ? [] : endpoints,
    ports: options.ports ?? [],
    exposed: [...new Set(exposed)].sort(),
    publishAll: options.publishAll ?? false,
  };
}

/** The networks that are meant; the default one when none is named. */
export function askedNetworks({ networks = [], network = 'bridge' }: NetworkOptions): EndpointOptions[] {
  return networks.length > 0 ? networks : [{ network }];
}

/** An endpoint as a record has it. Throws for what none can be on that network. */
export function planEndpoint(options: EndpointOptions): EndpointConfig {
  const { network, aliases = [], addresses = [], mac, gatewayPriority } = options;
  return {
    network,
    aliases: [...new Set(aliases)],
    addresses,
    ...(mac === undefined ? {} : { mac }),
    ...(gatewayPriority ? { gatewayPriority } : {}),
  };
}

/** Throws for what a network that nobody has made does not have. */
export function checkEndpoint({ network, aliases, addresses }: EndpointConfig): void {
  if (!NOT_USER_DEFINED.includes(network)) return;
  const hint = { hint: 'make a network with gocker network create NAME, and use --network NAME' };
  if (addresses.length > 0) {
    const message = 'user specified IP address is supported on user defined networks only';
    throw new UsageError('NOT_USER_DEFINED', message, hint);
  }
  if (aliases.length > 0) {
    const message = 'network-scoped aliases are only supported for user-defined networks';
    throw new UsageError('NOT_USER_DEFINED', message, hint);
  }
}

function checkTogether(endpoints: EndpointConfig[]): void {
  const names = endpoints.map(({ network }) => network);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) {
    throw new ConflictError('NETWORK_TWICE', `network "${twice}" is specified multiple times`);
  }
  const alone = names.find((name) => ALONE.includes(name) || name.startsWith('container:'));
  if (names.length > 1 && alone !== undefined) {
    throw new ConflictError(
      'CONFLICTING_NETWORKS',
      'conflicting options: cannot attach both user-defined and non-user-defined network-modes',
      { hint: `leave out --network ${alone}, or the others` },
    );
  }
}

/** What belongs to the container whose network is joined (moby, runconfig). */
function checkJoined(options: Asked, { mac, aliases, addresses }: EndpointConfig): void {
  const { hostname, dns = [], extraHosts = [], ports = [], exposed = [], publishAll } = options;
  const conflicts: [boolean, string][] = [
    [hostname !== undefined, 'hostname and the network mode'],
    [dns.length > 0, 'dns and the network mode'],
    [extraHosts.length > 0, 'custom host-to-IP mapping and the network mode'],
    [mac !== undefined, 'mac-address and the network mode'],
    [aliases.length + addresses.length > 0, 'addresses or aliases and the container type network mode'],
    [ports.length > 0 || publishAll === true, 'port publishing and the container type network mode'],
    [exposed.length > 0, 'port exposing and the container type network mode'],
  ];
  const conflict = conflicts.find(([holds]) => holds);
  if (!conflict) return;
  throw new UsageError('CONFLICTING_FLAGS', `conflicting options: ${conflict[1]}`, {
    hint: 'give it to the container whose network is joined',
  });
}

function withProtocol(port: string): string {
  return port.includes('/') ? port : `${port}/tcp`;
}
