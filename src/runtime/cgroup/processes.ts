import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../errors.ts';
import { findHierarchies } from './hierarchies.ts';
import { directoryOf } from './paths.ts';

/** The pids, as the host has them, of all processes of a container. */
export function processesOf(id: string): number[] {
  const hierarchies = findHierarchies();
  const best = hierarchies.find(({ controllers }) => controllers.includes('pids')) ?? hierarchies.at(-1);
  return best ? below(directoryOf(best, id)) : [];
}

/** Of a container that made cgroups of its own, theirs too. */
function below(directory: string): number[] {
  try {
    const own = readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
    const inner = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...own, ...inner.flatMap(({ name }) => below(join(directory, name)))];
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENODEV', 'EOPNOTSUPP')) return [];
    throw error;
  }
}
