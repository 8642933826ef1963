import { closeSync } from 'node:fs';
import type { Attachment, DriverHost, Network } from '../../../src/driver/index.ts';
import { deadLeases, release, releaseDead } from '../addresses/lease.ts';
import { findState, type Place, withState } from '../addresses/state.ts';
import { withNetlink } from '../netlink.ts';
import { openSame } from '../netns.ts';

type CutOff = Pick<Attachment, 'containerId'>;

/** Idempotent. Of an attach that was cut off, the lease tells where its interface is. The address goes last. */
export async function detachContainer(
  host: DriverHost,
  network: Network,
  attachment: Attachment | CutOff,
): Promise<void> {
  const { containerId } = attachment;
  if ('state' in attachment) unplug(host, placeOf(attachment));
  else unplugNoted(host, network, containerId);
  await withState(host, () => release(host, network, containerId));
}

/** What the container has by its lease. */
export function unplugNoted(host: DriverHost, { id }: Network, containerId: string): void {
  const place = findState(host, id)?.leases[containerId]?.place;
  if (place) unplug(host, place);
}

/** What killed processes have attached to containers that live on goes too. */
export async function pruneNetwork(host: DriverHost, network: Network, alive: string[]): Promise<void> {
  await withState(host, () => {
    const state = findState(host, network.id);
    for (const { place } of state ? deadLeases(state, alive).values() : []) if (place) unplug(host, place);
    releaseDead(host, network, alive);
  });
}

function placeOf({ interfaces, state }: Attachment): Place {
  const { netns, inode, kind } = state as Omit<Place, 'names'>;
  return { netns, inode, kind, names: interfaces.map(({ name }) => name) };
}

/** Takes the interface away where the container lives on; else it went with the container. */
function unplug(host: DriverHost, { netns, inode, names, kind }: Place): void {
  const fd = openSame({ netns, inode });
  if (fd === undefined) return;
  try {
    for (const name of names) deleteOwn(host, { path: `/proc/self/fd/${fd}`, name, kind });
  } finally {
    closeSync(fd);
  }
}

/** Of that name, if it is of that kind: the container may have renamed ours and made another one. False when there is none. */
export function deleteOwn(
  host: DriverHost,
  { path, name, kind }: { path: string; name: string; kind: string },
): boolean {
  return host.inNetworkNamespace(path, () =>
    withNetlink(host, (netlink) => netlink.link(name)?.kind === kind && netlink.deleteLink(name)),
  );
}
