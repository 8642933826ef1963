import { RLIMIT } from '../../../native/constants.ts';
import { because } from '../../../native/observer.ts';
import type { Syscalls } from '../../../native/syscalls.ts';
import { limitValue } from '../limit-value.ts';
import type { Ulimit } from '../settings.ts';

/** Limits of memory, under which V8 may not even compile the next function. */
const OF_MEMORY = ['as', 'data', 'stack'];

export function ofMemory(ulimits: Ulimit[]): Ulimit[] {
  return ulimits.filter(({ name }) => OF_MEMORY.includes(name));
}

/** Sets what the user asked for. Of memory only what needs capabilities: that nothing keeps the limit from being as high. */
export function setUlimits(syscalls: Syscalls, ulimits: Ulimit[]): void {
  for (const ulimit of ulimits) {
    const limit = wanted(ulimit);
    if (!OF_MEMORY.includes(ulimit.name)) set(syscalls, ulimit, limit);
    else {
      const { soft, hard } = syscalls.prlimit(0, resourceOf(ulimit));
      if (limit.hard > hard) set(syscalls, ulimit, { soft, hard: limit.hard });
    }
  }
}

/** The rest; to be called when all that still runs has run before. */
export function setMemoryUlimits(syscalls: Syscalls, ulimits: Ulimit[]): void {
  for (const ulimit of ofMemory(ulimits)) set(syscalls, ulimit, wanted(ulimit));
}

function wanted({ soft, hard }: Ulimit): { soft: bigint; hard: bigint } {
  return { soft: limitValue(soft), hard: limitValue(hard) };
}

function set(syscalls: Syscalls, ulimit: Ulimit, limit: { soft: bigint; hard: bigint }): void {
  because(`ulimit ${ulimit.name}`, () => void syscalls.prlimit(0, resourceOf(ulimit), limit));
}

function resourceOf({ name }: Ulimit): number {
  return RLIMIT[name.toUpperCase() as keyof typeof RLIMIT];
}
