import { join } from 'node:path';
import type { ProcessIdentity } from '../../runtime/types.ts';

/**
 * A volume that is being made (`new`) or taken away (`del`). Nobody lists it, and its directory's name says who is at it.
 */
export interface StagedVolume {
  stage: 'new' | 'del';
  name: string;
  owner: ProcessIdentity;
  /** One process may be making the same several times at once. */
  turn: number;
}

const STAGED = /^\.(new|del)-([a-zA-Z0-9][a-zA-Z0-9_.-]*)\.(\d+)\.(\d+)\.([0-9a-f-]+)\.(\d+)$/;

/** Where all volumes are. */
export function volumesOf(root: string): string {
  return join(root, 'volumes');
}

/** Holds volume.json, the lock and the volume's files. */
export function volumeDirectory(root: string, name: string): string {
  return join(volumesOf(root), name);
}

/** What a container sees of it, docker's `Mountpoint`. */
export function mountpointOf(root: string, name: string): string {
  return join(volumeDirectory(root, name), '_data');
}

export function stagedVolumeDirectory(root: string, { stage, name, owner, turn }: StagedVolume): string {
  return join(volumesOf(root), `.${stage}-${name}.${owner.pid}.${owner.startTime}.${owner.bootId}.${turn}`);
}

/** Undefined when the name is not one of `stagedVolumeDirectory`'s. */
export function parseStagedVolume(text: string): StagedVolume | undefined {
  const match = STAGED.exec(text);
  if (!match) return undefined;
  const owner = { pid: Number(match[3]), startTime: match[4]!, bootId: match[5]! };
  return { stage: match[1] as StagedVolume['stage'], name: match[2]!, owner, turn: Number(match[6]) };
}
