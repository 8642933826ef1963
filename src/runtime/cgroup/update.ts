import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Limits } from '../types.ts';
import { applyLimits } from './create.ts';
import { findHierarchies } from './hierarchies.ts';
import { directoryOf } from './paths.ts';

/**
 * Writes changed limits of a container that runs. `change` is what changes, `all` is how its limits are then: some files
 * hold two of them. Throws CGROUP_LIMIT.
 */
export function updateCgroups(id: string, change: Limits, all: Limits): void {
  const needsMemory = change.memorySwap !== undefined && all.memory !== undefined;
  const limits: Limits = {
    ...change,
    ...(needsMemory ? { memory: all.memory! } : {}),
    ...((change.cpuPeriod ?? change.cpuQuota) === undefined ? {} : quotaOf(all)),
  };
  applyLimits(findHierarchies(), id, { limits, swapFirst: raisesAbove(id, limits) });
}

function quotaOf({ cpuPeriod, cpuQuota }: Limits): Limits {
  return {
    ...(cpuPeriod === undefined ? {} : { cpuPeriod }),
    ...(cpuQuota === undefined ? {} : { cpuQuota }),
  };
}

/** cgroup v1 lets memory never be above memory and swap together: what is raised above that comes second. */
function raisesAbove(id: string, { memory, memorySwap }: Limits): boolean {
  const hierarchy = findHierarchies().find(({ controllers }) => controllers.includes('memory'));
  if (!hierarchy || memory === undefined || memorySwap === undefined) return false;
  const file = join(directoryOf(hierarchy, id), 'memory.memsw.limit_in_bytes');
  try {
    return memory > Number(readFileSync(file, 'utf8'));
  } catch {
    return false;
  }
}
