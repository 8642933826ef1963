import { closeSync } from 'node:fs';
import type { Attachment, DriverHost } from '../../../src/driver/index.ts';
import { withNetlink } from '../netlink.ts';
import { openSame } from '../netns.ts';

/** Takes the interface away where the container lives on; else it went with the container. Idempotent. */
export function unplug(host: DriverHost, { interfaces, state }: Attachment): void {
  const { netns, inode, kind } = state as { netns: string; inode: number; kind: string };
  const name = interfaces[0]?.name;
  const fd = openSame({ netns, inode });
  if (fd === undefined || name === undefined) return;
  try {
    deleteOwn(host, { path: `/proc/self/fd/${fd}`, name, kind });
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
