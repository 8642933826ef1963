import { PR, PR_CAP_AMBIENT_CLEAR_ALL } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { hasCode } from '../../errors.ts';
import { capabilityMask } from '../capabilities.ts';
import type { Credentials } from './user.ts';

/**
 * Becomes the user, with the given capabilities for root and none for others (the bounding set stays, for setuid
 * programs). The bounding set goes first: dropping from it needs CAP_SETPCAP (capabilities(7)). Nothing inheritable,
 * nothing ambient (CVE-2022-24769).
 */
export function becomeUser(
  syscalls: Syscalls,
  { uid, gid, groups }: Credentials,
  capabilities: string[],
): void {
  const wanted = capabilityMask(capabilities);
  because('drop capabilities', () => {
    dropBoundingSet(syscalls, wanted);
    syscalls.prctl(PR.CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL);
  });
  because(`become user ${uid}:${gid}`, () => {
    syscalls.setgroups(groups);
    syscalls.setresgid(gid, gid, gid);
    syscalls.setresuid(uid, uid, uid);
  });
  const granted = uid === 0 ? wanted & syscalls.capget().permitted : 0n;
  because('set capabilities', () =>
    syscalls.capset({ effective: granted, permitted: granted, inheritable: 0n }),
  );
}

/** Bit by bit until the kernel knows no further capability. */
function dropBoundingSet(syscalls: Syscalls, keep: bigint): void {
  for (let bit = 0; bit < 64; bit++) {
    if (keep & (1n << BigInt(bit))) continue;
    try {
      syscalls.prctl(PR.CAPBSET_DROP, bit);
    } catch (error) {
      if (hasCode(error, 'EINVAL')) return;
      throw error;
    }
  }
}
