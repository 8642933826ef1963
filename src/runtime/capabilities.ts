import { GockerError } from '../errors.ts';

/** Names by bit (capabilities(7), include/uapi/linux/capability.h). */
const NAMES = [
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE',
  'NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN',
  'SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE',
  'MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE',
]
  .join(' ')
  .split(' ')
  .map((name) => `CAP_${name}`);

/** What a container may do unless told otherwise: docker's fourteen. */
export const DEFAULT_CAPABILITIES = (
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL ' +
  'AUDIT_WRITE'
)
  .split(' ')
  .map((name) => `CAP_${name}`);

/** The mask of a set of capability names. Throws UNKNOWN_CAPABILITY. */
export function capabilityMask(names: string[]): bigint {
  return names.reduce((mask, name) => {
    const bit = NAMES.indexOf(name);
    if (bit >= 0) return mask | (1n << BigInt(bit));
    throw new GockerError('UNKNOWN_CAPABILITY', `unknown capability ${name}`, {
      hint: 'see man 7 capabilities',
    });
  }, 0n);
}

/** The names of a mask's bits, as far as they have names here. */
export function capabilitiesIn(mask: bigint): string[] {
  return NAMES.filter((_, bit) => mask & (1n << BigInt(bit)));
}

/** True for `CAP_CHOWN` and its like. */
export function isCapability(name: string): boolean {
  return NAMES.includes(name);
}
