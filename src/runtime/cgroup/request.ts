import { closeSync, openSync, write } from 'node:fs';
import { basename, join } from 'node:path';
import { hasCode } from '../../errors.ts';
import type { CgroupRequest } from '../protocol.ts';
import { findHierarchies, type Hierarchy } from './hierarchies.ts';
import { directoryOf } from './paths.ts';

/** Controllers that limit a process by what it takes: init must not be in their cgroups while it is still Node. */
const LIMITING = ['cpu', 'memory', 'pids'];

/** What init must know to join the limiting cgroups of the container by itself, and to show all at /sys/fs/cgroup. */
export function cgroupRequest(id: string): CgroupRequest {
  const hierarchies = findHierarchies();
  return {
    procs: hierarchies.filter(limits).map((hierarchy) => procsOf(hierarchy, id)),
    views: hierarchies.map((hierarchy) => view(hierarchy, hierarchies.length === 1)),
  };
}

/**
 * Puts a process into the container's other cgroups. Each takes the kernel milliseconds (a grace period of RCU), so it is
 * done from outside while init is still at other things.
 */
export async function joinFromOutside(id: string, pid: number): Promise<void> {
  const others = findHierarchies().filter((hierarchy) => !limits(hierarchy));
  await Promise.all(others.map((hierarchy) => joinOne(procsOf(hierarchy, id), pid)));
}

/** The thread that waits for the kernel begins at once, whatever this one goes on with. A process that has ended meanwhile has other ways to tell why. */
async function joinOne(procs: string, pid: number): Promise<void> {
  const fd = openSync(procs, 'r+');
  try {
    await new Promise<void>((resolve, reject) => {
      write(fd, String(pid), (error) => (error && !hasCode(error, 'ESRCH') ? reject(error) : resolve()));
    });
  } finally {
    closeSync(fd);
  }
}

/** On a hybrid host cgroup v2 is there, but has none of these controllers. */
function limits(hierarchy: Hierarchy): boolean {
  const controllers = (one: Hierarchy) => LIMITING.filter((name) => one.controllers.includes(name));
  if (hierarchy.version === 1) return controllers(hierarchy).length > 0;
  return findHierarchies().flatMap(controllers).length < LIMITING.length;
}

function procsOf(hierarchy: Hierarchy, id: string): string {
  return join(directoryOf(hierarchy, id), 'cgroup.procs');
}

function view(hierarchy: Hierarchy, alone: boolean) {
  if (hierarchy.version === 2) {
    return { type: 'cgroup2' as const, name: alone ? '' : basename(hierarchy.mountpoint), options: [] };
  }
  return { type: 'cgroup' as const, name: basename(hierarchy.mountpoint), options: hierarchy.controllers };
}
