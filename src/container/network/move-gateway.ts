import type { ContainerContext } from '../context.ts';
import { readContainer, writeState } from '../record.ts';
import { runningIdentity } from '../running.ts';
import type { Container, EndpointConfig, NetworkAttachment } from '../schema.ts';
import { attachOne } from './attach.ts';
import { detachOne } from './detach.ts';

/**
 * Leads the default routes and the published ports of a container, which has been taken off the network that had them, through
 * another one of its networks: that is attached anew, with its addresses. The caller holds the container's lock.
 */
export async function moveGateway(context: ContainerContext, id: string): Promise<void> {
  const container = await readContainer(context.root, id);
  const identity = container && runningIdentity(context, container);
  if (!container || !identity) return;
  const next = await nextGateway(context, container);
  if (!next) return;
  const { config, state } = container;
  const attachments = (state.attachments ?? []).filter((one) => one !== next.attachment);
  const record = async (all: NetworkAttachment[]) => {
    await writeState(context.root, id, { ...state, attachments: all });
  };
  await record(attachments);
  await detachOne(context, next.endpoint.network, next.attachment.made);
  const { ifname } = next.attachment;
  await attachOne(
    context,
    { config, identity, attachments, record },
    { endpoint: next.endpoint, isGateway: true, ifname },
  );
}

/** The first of its networks that leads anywhere, asked for as it is now. */
async function nextGateway(
  context: ContainerContext,
  { config, state }: Container,
): Promise<{ endpoint: EndpointConfig; attachment: NetworkAttachment } | undefined> {
  for (const endpoint of config.networks) {
    const attachment = state.attachments?.find(({ network }) => network.name === endpoint.network);
    if (!attachment) continue;
    const { network } = await context.networks.find(endpoint.network);
    if (network.internal) continue;
    const addresses = attachment.made.addresses.map((address) => address.split('/')[0]!);
    const mac = attachment.made.interfaces[0]?.mac;
    return { endpoint: { ...endpoint, addresses, ...(mac === undefined ? {} : { mac }) }, attachment };
  }
  return undefined;
}
