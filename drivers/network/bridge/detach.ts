import { closeSync } from 'node:fs';
import type { Attachment, DriverHost, Netlink, Network } from '../../../src/driver/index.ts';
import { hasCode } from '../../../src/errors.ts';
import { release, releaseDead } from '../addresses/lease.ts';
import { withState } from '../addresses/state.ts';
import { withNetlink } from '../netlink.ts';
import { openSame } from '../netns.ts';
import { prunePorts, withdrawPorts } from './firewall.ts';
import { bridgeName, idIn, vethName } from './names.ts';

/** What `attach` has noted of the other end. */
interface OtherEnd {
  netnsid: number;
  netns: string;
  inode: number;
}

/** Idempotent. The address goes last: nobody else gets it while ports or a link are still made for it. */
export async function detachContainer(
  host: DriverHost,
  network: Network,
  attachment: Attachment | Pick<Attachment, 'containerId'>,
): Promise<void> {
  const { containerId } = attachment;
  const other = 'state' in attachment ? (attachment.state as Partial<OtherEnd>) : {};
  await withdrawPorts(host, network.id, containerId);
  withNetlink(host, (netlink) => unplug(netlink, vethName(network, containerId), other));
  await withState(host, () => release(host, network, containerId));
}

/**
 * A pair goes by itself with the namespace that its other end is in, a moment after the last process there; to delete it, or
 * only to ask for it, is to wait for the kernel meanwhile. Somebody else may hold that namespace, and for some milliseconds
 * so does a socket of ours that was closed just now: then the pair is cut off from the bridge. It is deleted where the
 * container lives on.
 */
function unplug(netlink: Netlink, name: string, other: Partial<OtherEnd>): void {
  const isGone = (netnsid: number | undefined) => netnsid !== undefined && !netlink.isHeld(netnsid);
  if (isGone(other.netnsid)) return;
  const link = netlink.link(name);
  if (!link || isGone(link.netnsid)) return;
  if (hasEnded(other)) cutOff(netlink, link.index);
  else netlink.deleteLink(link.index);
}

/** One that has just gone is cut off. */
function cutOff(netlink: Netlink, link: number): void {
  try {
    netlink.changeLink(link, { up: false, master: 0 });
  } catch (error) {
    if (!hasCode(error, 'ENODEV')) throw error;
  }
}

function hasEnded({ netns, inode }: Partial<OtherEnd>): boolean {
  if (netns === undefined || inode === undefined) return false;
  const fd = openSame({ netns, inode });
  if (fd !== undefined) closeSync(fd);
  return fd === undefined;
}

/** Takes away what is on the network and not of these containers. */
export async function pruneNetwork(host: DriverHost, network: Network, alive: string[]): Promise<void> {
  const living = await withState(host, () => {
    const living = new Set([...alive, ...releaseDead(host, network, alive)]);
    withNetlink(host, (netlink) => {
      const bridge = netlink.link(bridgeName(network));
      for (const { index, alias } of bridge ? netlink.ports(bridge.index) : []) {
        const owner = idIn(alias);
        if (owner !== undefined && !living.has(owner)) netlink.deleteLink(index);
      }
    });
    return living;
  });
  await prunePorts(host, network.id, [...living]);
}
