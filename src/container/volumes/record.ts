import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { GockerError, hasCode, NotFoundError } from '../../errors.ts';
import { printable } from '../../image/printable.ts';
import { namesIn } from '../../store/names-in.ts';
import { mountpointOf, parseStagedVolume, type StagedVolume, volumeDirectory, volumesOf } from './paths.ts';

export const VOLUME_VERSION = 1;

/** docker's mark of a volume that nobody named. */
export const ANONYMOUS = 'com.docker.volume.anonymous';

const volumeSchema = v.object({
  version: v.literal(VOLUME_VERSION),
  name: v.string(),
  /** ISO 8601. */
  created: v.string(),
  labels: v.record(v.string(), v.string()),
  options: v.record(v.string(), v.string()),
});

export type VolumeRecord = v.InferOutput<typeof volumeSchema>;

/** A volume as the disk has it. */
export interface Volume extends VolumeRecord {
  /** Where its own files are; volumes with a device have them elsewhere. */
  mountpoint: string;
}

/** Undefined when there is none; throws a GockerError that names a record that is damaged or too new. */
export function readVolume(root: string, name: string): Volume | undefined {
  const path = join(volumeDirectory(root, name), 'volume.json');
  try {
    const json: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const result = v.safeParse(volumeSchema, json);
    if (!result.success || result.output.name !== name) throw damaged(path, result.issues?.[0].message);
    return { ...result.output, mountpoint: mountpointOf(root, name) };
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error instanceof SyntaxError ? damaged(path, 'it is not JSON') : error;
  }
}

/** The same of one that must be there. Throws a NotFoundError. */
export function requireVolume(root: string, name: string): Volume {
  const volume = isName(name) ? readVolume(root, name) : undefined;
  if (volume !== undefined) return volume;
  throw new NotFoundError('VOLUME_NOT_FOUND', `get ${printable(name)}: no such volume`, {
    hint: 'there are those of: gocker volume ls',
  });
}

export function isAnonymous({ labels }: VolumeRecord): boolean {
  return Object.hasOwn(labels, ANONYMOUS);
}

/** What stands below `volumes/`: names of whole ones, and those whose making or removal is not finished. */
export async function volumeNames(root: string): Promise<{ names: string[]; staged: StagedVolume[] }> {
  const found = namesIn(volumesOf(root));
  return {
    names: found.filter(isName).sort(),
    staged: found.map(parseStagedVolume).filter((staged) => staged !== undefined),
  };
}

/** What is named otherwise is nobody's volume. */
function isName(text: string): boolean {
  return /^[a-zA-Z0-9]/.test(text) && !text.includes('/');
}

function damaged(path: string, why = 'it names another volume'): GockerError {
  return new GockerError('VOLUME_DAMAGED', `the record ${path} is damaged: ${why}`, {
    hint: 'its files are in _data beside it; write the record anew, or remove the volume with: gocker volume rm',
  });
}
