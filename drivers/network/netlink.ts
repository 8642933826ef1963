import type { DriverHost, Netlink } from '../../src/driver/index.ts';

/** Does `work` with rtnetlink of the namespace that the calling thread is in, and closes it. */
export function withNetlink<R>(host: Pick<DriverHost, 'netlink'>, work: (netlink: Netlink) => R): R {
  const netlink = host.netlink();
  try {
    return work(netlink);
  } finally {
    netlink.close();
  }
}
