import type { DriverHost, Netlink, NewLink } from '../../src/driver/index.ts';
import { hasCode } from '../../src/errors.ts';

/** Does `work` with rtnetlink of the namespace that the calling thread is in, and closes it. */
export function withNetlink<R>(host: Pick<DriverHost, 'netlink'>, work: (netlink: Netlink) => R): R {
  const netlink = host.netlink();
  try {
    return work(netlink);
  } finally {
    netlink.close();
  }
}

/** One of that name is what a start that was cut off has left: `remove` deletes it, and says whether it was there. */
export function makeLink(netlink: Netlink, link: NewLink, remove: () => boolean): void {
  try {
    netlink.createLink(link);
  } catch (error) {
    if (!hasCode(error, 'EEXIST') || !remove()) throw error;
    netlink.createLink(link);
  }
}
