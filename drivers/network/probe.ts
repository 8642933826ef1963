import type { DriverHost } from '../../src/driver/index.ts';
import { DriverUnavailableError, hasCode } from '../../src/errors.ts';
import { withNetlink } from './netlink.ts';

/**
 * Throws DriverUnavailableError where this process may not make links, or the kernel knows no such kind. One that needs a
 * parent is refused for that alone (EINVAL).
 */
export async function probeLinks(host: DriverHost, kind: string): Promise<void> {
  const name = `gkprobe${process.pid}`;
  try {
    withNetlink(host, (netlink) => {
      netlink.createLink({ name, kind });
      netlink.deleteLink(name);
    });
  } catch (error) {
    if (hasCode(error, 'EPERM', 'EACCES'))
      throw unavailable(kind, 'making links is not permitted', 'run gocker as root');
    if (hasCode(error, 'ENOTSUP', 'EOPNOTSUPP'))
      throw unavailable(kind, `this kernel has no ${kind} links`, `load its module: modprobe ${kind}`);
    if (!hasCode(error, 'EINVAL')) throw error;
  }
}

function unavailable(kind: string, why: string, hint: string): DriverUnavailableError {
  return new DriverUnavailableError('DRIVER_UNAVAILABLE', `network driver ${kind}: ${why}`, { hint });
}
