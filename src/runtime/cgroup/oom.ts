import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../errors.ts';
import { findHierarchies } from './hierarchies.ts';
import { directoryOf } from './paths.ts';

/** True when the kernel counted an OOM kill in the container's cgroup (`oom_kill` in both versions' files). */
export function wasOomKilled(id: string): boolean {
  return findHierarchies().some((hierarchy) => {
    const file = hierarchy.version === 2 ? 'memory.events' : 'memory.oom_control';
    return oomKills(join(directoryOf(hierarchy, id), file)) > 0;
  });
}

function oomKills(file: string): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 0);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 0;
    throw error;
  }
}
