import { UsageError } from '../errors.ts';
import type { Limits } from '../runtime/types.ts';
import type { ContainerFlagValues } from './flags/container.ts';
import { parseFineLimits } from './flags/fine-limits.ts';
import { parseInteger } from './flags.ts';
import { type LimitFlags, parseLimits } from './limits.ts';
import { parseSize } from './size.ts';

/**
 * The limits that `update` is to change: without a word about swap that stays as it is. Throws UsageErrors, one of them for no
 * limits at all.
 */
export function parseUpdate(flags: LimitFlags & ContainerFlagValues, cpuCount: number): Limits {
  const { 'memory-swap': swap, pids, ...others } = flags;
  const { memorySwap: _, ...plain } = parseLimits({ ...others, swap: undefined }, cpuCount);
  const limits: Limits = {
    ...plain,
    ...parseFineLimits(flags, plain),
    ...(pids === undefined ? {} : { pids: parseInteger(pids, '--pids-limit', -1) || -1 }),
    ...(swap === undefined ? {} : { memorySwap: swap === '-1' ? -1 : parseSize(swap, '--memory-swap') }),
  };
  if (Object.keys(limits).length > 0) return limits;
  throw new UsageError('NOTHING_TO_UPDATE', 'no limit is given', {
    hint: 'as in: gocker update --memory 64m NAME',
  });
}
