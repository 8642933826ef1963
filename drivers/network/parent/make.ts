import type { DriverHost, Endpoint, Network, NewLink } from '../../../src/driver/index.ts';
import { configure } from '../configure.ts';
import { ownName } from '../interface.ts';
import { makeLink, withNetlink } from '../netlink.ts';
import type { Netns } from '../netns.ts';
import { mtuOf } from '../options.ts';
import { takeBack } from '../take-back.ts';
import { requireParent } from './create.ts';
import { deleteOwn } from './detach.ts';
import type { Kind } from './kind.ts';

/** One container's interface on one network. */
export interface Plug {
  kind: Kind;
  network: Network;
  endpoint: Endpoint;
}

/** What the interface is called till it is finished. */
export function newName(network: Network, { containerId }: Endpoint): string {
  return ownName('gk', network.id, containerId);
}

/**
 * Makes the interface in the container; the name that it has till it is finished. That is none of the host's: kernels before
 * 6.15 look it up in the namespace of the request, and would refuse `eth0` on a host that has an `eth0`.
 */
export function plugIn(
  host: DriverHost,
  { kind, network, endpoint }: Plug,
  { netns, mac }: { netns: Netns; mac: string | undefined },
): string {
  const name = newName(network, endpoint);
  const mtu = mtuOf(network.options);
  withNetlink(host, (netlink) => {
    const link: NewLink = {
      name,
      kind: kind.name,
      parent: requireParent(netlink, network).index,
      netns: { fd: netns.fd },
      ...kind.settings(network.options),
      ...(mac !== undefined && { mac }),
      ...(mtu !== undefined && { mtu }),
    };
    makeLink(netlink, link, () => deleteOwn(host, { path: netns.path, name, kind: kind.name }));
  });
  return name;
}

/** Gives the interface its name, while it is still down, and all else that it needs. */
export async function finishOrDelete(
  host: DriverHost,
  { kind, name, ...made }: Parameters<typeof configure>[1] & { kind: Kind; name: string },
): Promise<void> {
  const { path } = made.netns;
  let present = name;
  try {
    rename(host, path, { from: name, to: made.endpoint.ifname });
    present = made.endpoint.ifname;
    configure(host, made);
  } catch (error) {
    await takeBack(host, () => deleteOwn(host, { path, name: present, kind: kind.name }));
    throw error;
  }
}

function rename(host: DriverHost, path: string, { from, to }: { from: string; to: string }): void {
  host.inNetworkNamespace(path, () =>
    withNetlink(host, (netlink) => netlink.changeLink(netlink.link(from)!.index, { name: to })),
  );
}
