/** A container's interfaces, made before its program runs: eth0, eth1 and so on. */
import type { Attachment, Network } from '../../driver/index.ts';
import { hasCode } from '../../errors.ts';
import { check } from '../../image/json.ts';
import type { ProcessIdentity } from '../../runtime/types.ts';
import type { ContainerContext, OpenNetwork } from '../context.ts';
import { type ContainerConfig, type EndpointConfig, madeSchema, type NetworkAttachment } from '../schema.ts';
import { publishNames } from './names.ts';
import { orOtherwise } from './otherwise.ts';
import { type WantedPort, wantedPorts } from './ports.ts';
import { releaseUnused } from './prune.ts';

/** A container that is being attached. */
export interface Attaching {
  config: ContainerConfig;
  /** Its PID 1, which lives. */
  identity: ProcessIdentity;
  /** What is attached already. */
  attachments: NetworkAttachment[];
  /** Writes down what is attached from now on. */
  record(attachments: NetworkAttachment[]): Promise<void>;
}

/** How it is attached to one network. */
interface Plug {
  endpoint: EndpointConfig;
  isGateway: boolean;
  /** The first free one when absent. */
  ifname?: string;
}

/** Attaches a container whose program does not run yet to all its networks. Throws NETWORK_NOT_FOUND and the driver's errors. */
export async function attachAll(context: ContainerContext, attaching: Attaching): Promise<void> {
  const { networks } = attaching.config;
  const gateway = await gatewayOf(context, networks);
  let { attachments } = attaching;
  for (const endpoint of networks) {
    const isGateway = endpoint === gateway;
    attachments = await attachOne(context, { ...attaching, attachments }, { endpoint, isGateway });
  }
}

/** Attaches it to one network; the network stays until that is written down. Returns all attachments from then on. */
export async function attachOne(
  context: ContainerContext,
  attaching: Attaching,
  plug: Plug,
): Promise<NetworkAttachment[]> {
  const { endpoint } = plug;
  const { config, attachments, record } = attaching;
  const attach = () =>
    context.networks.whileUsing({ text: endpoint.network }, async (open) => {
      const attachment = await makeInterface(open, attaching, plug);
      const all = [...attachments, attachment];
      await record(all);
      await publishNames(context, config, { endpoint, attachment });
      return all;
    });
  try {
    return await attach();
  } catch (error) {
    if (!hasCode(error, 'ADDRESSES_EXHAUSTED')) throw error;
    // Somebody killed may hold what nobody uses.
    if (!(await releaseUnused(context, endpoint.network))) throw error;
    return await attach();
  }
}

/** The network with the highest priority that leads anywhere; the first of equals. */
async function gatewayOf(
  context: ContainerContext,
  endpoints: EndpointConfig[],
): Promise<EndpointConfig | undefined> {
  if (endpoints.length < 2) return endpoints[0];
  const networks = await Promise.all(endpoints.map(({ network }) => context.networks.find(network)));
  const leading = endpoints.filter((_, at) => !networks[at]!.network.internal);
  const sorted = leading.sort((a, b) => (b.gatewayPriority ?? 0) - (a.gatewayPriority ?? 0));
  return sorted[0] ?? endpoints[0];
}

async function makeInterface(
  { network, driver }: OpenNetwork,
  { config, identity, attachments }: Attaching,
  { endpoint, isGateway, ifname = freeName(attachments) }: Plug,
): Promise<NetworkAttachment> {
  const { aliases, addresses, mac } = endpoint;
  const ports = isGateway && !network.internal ? wantedPorts(config, network) : [];
  const attach = (chosen: Attachment['ports']) =>
    driver.attach(network, {
      containerId: config.id,
      ...(driver.namespace === 'host' ? {} : { netns: `/proc/${identity.pid}/ns/net` }),
      ifname,
      aliases: [config.name, ...aliases],
      addresses,
      ...(mac === undefined ? {} : { mac }),
      ports: chosen,
      isGateway,
    });
  const made = await orOtherwise(network.name, () => tryPorts(ports, attach));
  const { id, name } = network;
  const answer = { code: 'DRIVER_FAILED', what: `what network driver ${network.driver} has made` };
  return {
    network: { id, name },
    ifname,
    isGateway,
    gateways: gatewaysOf(network),
    made: check(madeSchema, made, answer),
  };
}

/** Where a range was given for one port, the next one is tried while that of the error is taken. */
async function tryPorts(
  wanted: WantedPort[],
  attach: (ports: Attachment['ports']) => Promise<Attachment>,
): Promise<Attachment> {
  const ports = wanted.map((port) => ({ ...port }));
  for (;;) {
    try {
      return await attach(ports.map(({ lastHostPort: _last, ...port }) => port));
    } catch (error) {
      if (!hasCode(error, 'PORT_ALLOCATED', 'PORT_IN_USE')) throw error;
      const taken = /:(\d+)\/(?:tcp|udp|sctp)\b/.exec((error as Error).message)?.[1];
      const next = ports.filter(
        (port) => port.hostPort === Number(taken) && port.hostPort < port.lastHostPort,
      );
      if (next.length === 0) throw error;
      for (const port of next) port.hostPort++;
    }
  }
}

/** An interface keeps its name when another one goes. */
function freeName(attachments: NetworkAttachment[]): string {
  for (let number = 0; ; number++) {
    const name = `eth${number}`;
    if (!attachments.some(({ ifname }) => ifname === name)) return name;
  }
}

function gatewaysOf({ subnets }: Network): string[] {
  return subnets.map(({ gateway }) => gateway).filter((gateway) => gateway !== undefined);
}
