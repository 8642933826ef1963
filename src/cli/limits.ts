import { UsageError } from '../errors.ts';
import type { Limits } from '../runtime/types.ts';
import { parseInteger } from './flags.ts';
import { parseSize } from './size.ts';

/** docker's smallest memory limit: below it programs die before they say anything. */
const MIN_MEMORY = 6 * 1024 ** 2;
const MIN_CPUS = 0.01;

export interface LimitFlags {
  cpus?: string | undefined;
  mem?: string | undefined;
  memory?: string | undefined;
  swap?: string | undefined;
  'memory-swap'?: string | undefined;
  pids?: string | undefined;
}

/**
 * The limits that the flags ask for. docker's rules for memory and swap: without a word about swap a container gets as
 * much of it as memory; `--memory-swap` is both together, -1 for no limit, 0 for unset; gocker's `--swap` is swap alone.
 * `cpuCount` is how many CPUs there are. Throws UsageErrors.
 */
export function parseLimits(flags: LimitFlags, cpuCount: number): Limits {
  const memory = parseMemory(flags);
  const memorySwap = parseSwap(flags, memory);
  const cpus = parseCpus(flags.cpus, cpuCount);
  const pids = flags.pids === undefined ? 0 : parseInteger(flags.pids, '--pids', -1);
  return {
    ...(memory === undefined ? {} : { memory }),
    ...(memorySwap === undefined ? {} : { memorySwap }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(pids > 0 ? { pids } : {}),
  };
}

function parseMemory({ mem, memory }: LimitFlags): number | undefined {
  if (mem !== undefined && memory !== undefined) {
    throw new UsageError('CONFLICTING_FLAGS', '--mem and --memory mean the same', {
      hint: 'give one of them',
    });
  }
  if (isUnlimited(mem ?? memory)) return undefined;
  const bytes = mem === undefined ? parseSize(memory!, '--memory') : parseSize(mem, '--mem', 'MiB');
  if (bytes >= MIN_MEMORY) return bytes;
  if (bytes === 0) return undefined;
  throw new UsageError('MEMORY_TOO_SMALL', `a memory limit of ${bytes} bytes is too small`, {
    hint: 'the least is 6m; a bare number is bytes for -m and --memory, MiB for --mem',
  });
}

function parseSwap(flags: LimitFlags, memory: number | undefined): number | undefined {
  const { swap, 'memory-swap': total } = flags;
  if (swap !== undefined && total !== undefined) {
    throw new UsageError('CONFLICTING_FLAGS', '--swap and --memory-swap exclude each other', {
      hint: '--swap is swap alone, --memory-swap is memory and swap together',
    });
  }
  if (total === '-1' || swap === '-1') return memory === undefined ? undefined : -1;
  if ((swap ?? total) !== undefined && memory === undefined) {
    throw new UsageError('SWAP_WITHOUT_MEMORY', 'a swap limit needs a memory limit', {
      hint: 'add --mem or -m',
    });
  }
  if (memory === undefined) return undefined;
  if (swap !== undefined) return memory + parseSize(swap, '--swap', 'MiB');
  const both = total === undefined ? 0 : parseSize(total, '--memory-swap');
  if (both !== 0 && both < memory) {
    throw new UsageError('SWAP_TOO_SMALL', `--memory-swap ${total} is less than the memory limit`, {
      hint: 'it is memory and swap together; the same number as --memory means no swap',
    });
  }
  return both === 0 ? 2 * memory : both;
}

function parseCpus(text: string | undefined, cpuCount: number): number | undefined {
  if (text === undefined) return undefined;
  const cpus = Number(text);
  if (cpus === 0 && text.trim() !== '') return undefined;
  if (/^\d*\.?\d+$/.test(text) && cpus >= MIN_CPUS && cpus <= cpuCount) return cpus;
  throw new UsageError('INVALID_CPUS', `invalid number ${JSON.stringify(text)} for --cpus`, {
    hint: `give a number from ${MIN_CPUS} to ${cpuCount}, as many CPUs as there are`,
  });
}

/** gocker's forebears wrote -1 for no limit. */
function isUnlimited(text: string | undefined): boolean {
  return text === undefined || text === '-1';
}
