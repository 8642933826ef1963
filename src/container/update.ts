import { ConflictError, UsageError } from '../errors.ts';
import type { Limits } from '../runtime/types.ts';
import type { ContainerContext } from './context.ts';
import { findContainer } from './find.ts';
import { whileLocked } from './lock.ts';
import { writeConfig } from './record.ts';
import { runningIdentity } from './running.ts';

/**
 * Changes limits of a container, at once when it runs, and for its next start. What the kernel refuses is not written down.
 * Throws UsageErrors for limits that contradict each other.
 */
export async function updateContainer(
  context: ContainerContext,
  text: string,
  change: Limits,
): Promise<void> {
  const { limits: granted, warnings } = context.runtime.grant({ limits: change });
  for (const warning of warnings) context.log(`WARNING: ${warning}`);
  const { id } = await findContainer(context, text);
  await whileLocked(context, id, async (current) => {
    const { config } = current;
    const limits = { ...config.limits, ...granted };
    checkTogether(limits, granted);
    if (runningIdentity(context, current)) context.runtime.update(id, granted, limits);
    await writeConfig(context.root, { ...config, limits });
  });
}

/** docker's rules about limits of which one may be old. */
function checkTogether({ memory, memorySwap, cpus, ...limits }: Limits, change: Limits): void {
  if (cpus !== undefined && (limits.cpuPeriod ?? limits.cpuQuota) !== undefined) {
    throw new ConflictError(
      'CONFLICTING_LIMITS',
      'conflicting options: --cpus and a CPU period or quota cannot both be set',
    );
  }
  if (memorySwap === undefined || memorySwap < 0) return;
  if (memory === undefined) {
    throw new UsageError('SWAP_WITHOUT_MEMORY', 'a swap limit needs a memory limit', { hint: 'add -m' });
  }
  if (memorySwap >= memory) return;
  if (change.memorySwap !== undefined) {
    throw new UsageError(
      'SWAP_TOO_SMALL',
      'the limit of memory and swap together is less than the memory limit',
    );
  }
  throw new ConflictError(
    'SWAP_TOO_SMALL',
    'the memory limit should be smaller than the limit of memory and swap that is set already',
    { hint: 'change --memory-swap at the same time' },
  );
}
