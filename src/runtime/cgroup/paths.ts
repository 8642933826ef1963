import { join } from 'node:path';
import type { Hierarchy } from './hierarchies.ts';

/** The directory below each hierarchy's root that holds a directory for each container. */
export const PARENT = 'gocker';

/** The container's directory in one hierarchy. */
export function directoryOf(hierarchy: Hierarchy, id: string): string {
  return join(hierarchy.mountpoint, PARENT, id);
}
