import type { Attachment } from '../../driver/index.ts';
import { hasCode } from '../../errors.ts';
import type { ContainerContext, OpenNetwork } from '../context.ts';
import type { ContainerConfig, ContainerState } from '../schema.ts';

/**
 * Frees all that the container has, or may have, on its networks. Idempotent. Of a network whose attachment was cut off
 * before it was written down the driver is told the container's ID alone.
 */
export async function detachAll(
  context: ContainerContext,
  config: ContainerConfig,
  { attachments }: ContainerState,
): Promise<void> {
  if (attachments === undefined) return;
  const begun = config.networks.map(({ network }) => network);
  const made = attachments.map(({ network }) => network.name);
  for (const name of new Set([...made, ...begun])) {
    const attachment = attachments.find(({ network }) => network.name === name);
    await detachOne(context, name, attachment?.made ?? { containerId: config.id });
  }
}

/** The same of one network; nothing when that is gone. */
export async function detachOne(
  context: ContainerContext,
  name: string,
  attachment: Attachment | Pick<Attachment, 'containerId'>,
): Promise<void> {
  const open = await findIfThere(context, name);
  if (!open) return;
  await open.driver.detach(open.network, attachment);
  await context.networks.withdraw(open.network, attachment.containerId);
}

/** What there was on a network went with it. */
async function findIfThere(context: ContainerContext, name: string): Promise<OpenNetwork | undefined> {
  try {
    return await context.networks.find(name);
  } catch (error) {
    if (hasCode(error, 'NETWORK_NOT_FOUND')) return undefined;
    throw error;
  }
}
