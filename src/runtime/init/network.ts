import { AF_INET, IFF_UP, SIOC, SOCK } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { hasCode } from '../../errors.ts';
import type { Root } from './in-root.ts';
import { writeSysctl } from './sysctls.ts';

/** docker's settings of a network namespace of the container's own: ping and ports below 1024 need no capability there. */
const SYSCTLS = {
  'net/ipv4/ping_group_range': '0 2147483647',
  'net/ipv4/ip_unprivileged_port_start': '0',
};

/** `struct ifreq`: a name of 16 bytes, then what the request is about (netdevice(7)). */
const IFREQ_SIZE = 40;
const IFREQ_FLAGS = 16;

/** Brings `lo` up and sets docker's sysctls; for a new network namespace, with /proc mounted. */
export function settleNetwork(root: Root): void {
  because('bring up lo', () => loopbackUp(root.syscalls));
  because('network sysctls', () => {
    for (const [name, value] of Object.entries(SYSCTLS)) setWhereKnown(root, name, value);
  });
}

function loopbackUp(syscalls: Syscalls): void {
  const socket = syscalls.socket(AF_INET, SOCK.DGRAM | SOCK.CLOEXEC, 0);
  const request = Buffer.alloc(IFREQ_SIZE);
  request.write('lo');
  syscalls.ioctlBuffer(socket, SIOC.GIFFLAGS, request);
  request.writeInt16LE(request.readInt16LE(IFREQ_FLAGS) | IFF_UP, IFREQ_FLAGS);
  syscalls.ioctlBuffer(socket, SIOC.SIFFLAGS, request);
  syscalls.close(socket);
}

/** A kernel without the setting does without it. */
function setWhereKnown(root: Root, name: string, value: string): void {
  try {
    writeSysctl(root, name, value);
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'EINVAL')) throw error;
  }
}
