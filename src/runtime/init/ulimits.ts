import { RLIMIT } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { limitValue } from '../limit-value.ts';
import type { Ulimit } from '../settings.ts';

/** Sets what the user asked for, as late as can be: Node needs more than a program may be left with. */
export function setUlimits(syscalls: Syscalls, ulimits: Ulimit[]): void {
  for (const { name, soft, hard } of ulimits) {
    const limit = { soft: limitValue(soft), hard: limitValue(hard) };
    because(`ulimit ${name}`, () =>
      syscalls.prlimit(0, RLIMIT[name.toUpperCase() as keyof typeof RLIMIT], limit),
    );
  }
}
