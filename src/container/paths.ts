import { join } from 'node:path';
import type { ProcessIdentity } from '../runtime/types.ts';

/**
 * A container that is being made (`new`) or taken away (`del`). Nobody lists it, and its directory's name says who is
 * at it, so that whoever finds that process dead can clean up.
 */
export interface Staged {
  stage: 'new' | 'del';
  id: string;
  owner: ProcessIdentity;
}

const STAGED = /^\.(new|del)-([0-9a-f]{64})\.(\d+)\.(\d+)\.([0-9a-f-]+)$/;

export function directoryOf(root: string, id: string): string {
  return join(root, 'containers', id);
}

export function stagedDirectoryOf(root: string, { stage, id, owner }: Staged): string {
  return join(root, 'containers', `.${stage}-${id}.${owner.pid}.${owner.startTime}.${owner.bootId}`);
}

/** Undefined when the name is not one of `stagedDirectoryOf`'s. */
export function parseStaged(name: string): Staged | undefined {
  const match = STAGED.exec(name);
  if (!match) return undefined;
  const owner = { pid: Number(match[3]), startTime: match[4]!, bootId: match[5]! };
  return { stage: match[1] as Staged['stage'], id: match[2]!, owner };
}

/** Guards every change of one container's state; it goes away with the container. */
export function lockOf(root: string, id: string): string {
  return join(directoryOf(root, id), 'lock');
}
