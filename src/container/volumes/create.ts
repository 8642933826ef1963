import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AT_FDCWD, RENAME } from '../../../native/constants.ts';
import { hasCode } from '../../errors.ts';
import { syncDirectory, writeFileAtomic } from '../../store/atomic.ts';
import type { ContainerContext } from '../context.ts';
import { checkVolumeName } from './name.ts';
import { volumeSource } from './options.ts';
import {
  mountpointOf,
  type StagedVolume,
  stagedVolumeDirectory,
  volumeDirectory,
  volumesOf,
} from './paths.ts';
import { readVolume, VOLUME_VERSION, type Volume } from './record.ts';

export interface NewVolume {
  name: string;
  labels?: Record<string, string>;
  options?: Record<string, string>;
}

/** The volume of that name, made whole when there is none. Throws UsageErrors for a name or options that cannot be. */
export async function ensureVolume(context: ContainerContext, wanted: NewVolume): Promise<Volume> {
  const { name, labels = {}, options = {} } = wanted;
  checkVolumeName(name);
  volumeSource(options);
  for (;;) {
    const present = readVolume(context.root, name);
    if (present !== undefined) return present;
    const created = context.now().toISOString();
    const record = { version: VOLUME_VERSION, name, created, labels, options } as const;
    if (await publish(context, record)) return { ...record, mountpoint: mountpointOf(context.root, name) };
  }
}

let turns = 0;

/** Written aside and renamed; false when another process was first. */
async function publish(context: ContainerContext, record: Omit<Volume, 'mountpoint'>): Promise<boolean> {
  const { root, syscalls } = context;
  const staged: StagedVolume = { stage: 'new', name: record.name, owner: context.self, turn: turns++ };
  const directory = stagedVolumeDirectory(root, staged);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  try {
    await mkdir(join(directory, '_data'), { recursive: true, mode: 0o755 });
    await writeFileAtomic(join(directory, 'volume.json'), `${JSON.stringify(record, null, 2)}\n`);
    syscalls.renameat2(AT_FDCWD, directory, AT_FDCWD, volumeDirectory(root, record.name), RENAME.NOREPLACE);
    await syncDirectory(volumesOf(root));
    return true;
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}
