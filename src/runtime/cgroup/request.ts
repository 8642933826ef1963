import { basename, join } from 'node:path';
import type { CgroupRequest } from '../protocol.ts';
import { findHierarchies, type Hierarchy } from './hierarchies.ts';
import { directoryOf } from './paths.ts';

/** What init must know to join the container's cgroups and to show them at /sys/fs/cgroup. */
export function cgroupRequest(id: string): CgroupRequest {
  const hierarchies = findHierarchies();
  return {
    procs: hierarchies.map((hierarchy) => join(directoryOf(hierarchy, id), 'cgroup.procs')),
    views: hierarchies.map((hierarchy) => view(hierarchy, hierarchies.length === 1)),
  };
}

function view(hierarchy: Hierarchy, alone: boolean) {
  if (hierarchy.version === 2) {
    return { type: 'cgroup2' as const, name: alone ? '' : basename(hierarchy.mountpoint), options: [] };
  }
  return { type: 'cgroup' as const, name: basename(hierarchy.mountpoint), options: hierarchy.controllers };
}
