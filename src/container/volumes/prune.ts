import type { ContainerContext } from '../context.ts';
import { listContainers } from '../list.ts';
import { parsePruneFilters } from './filter.ts';
import { listVolumes } from './list.ts';
import { isAnonymous } from './record.ts';
import { removeUnused } from './remove-unused.ts';
import { sizeOfVolume } from './size.ts';

export interface PrunedVolumes {
  deleted: string[];
  /** Bytes. */
  reclaimed: number;
}

export interface PruneVolumes {
  all?: boolean;
  filters?: string[];
  /** Tells what would go if the containers `leaving` were gone, and takes nothing away. */
  dryRun?: boolean;
  leaving?: ReadonlySet<string>;
  /** Bytes that a volume takes; those of its files when absent. */
  measure?(name: string): number;
}

/** Removes the anonymous volumes that no container has, with `all` the named ones too. Throws a UsageError. */
export async function pruneVolumes(
  context: ContainerContext,
  { all = false, filters = [], dryRun = false, leaving = new Set(), measure }: PruneVolumes = {},
): Promise<PrunedVolumes> {
  const parsed = parsePruneFilters(filters);
  await listContainers(context);
  const { volumes } = await listVolumes(context);
  const pruned: PrunedVolumes = { deleted: [], reclaimed: 0 };
  for (const summary of volumes) {
    const { volume, users } = summary;
    if (users.some((id) => !leaving.has(id)) || !(all || parsed.all || isAnonymous(volume))) continue;
    if (!parsed.fits.every((fits) => fits(summary))) continue;
    const size = measure?.(volume.name) ?? sizeOfVolume(context, volume);
    if (!dryRun && !(await removeUnused(context, volume.name))) continue;
    pruned.deleted.push(volume.name);
    pruned.reclaimed += size;
  }
  return pruned;
}
