import { GockerError } from '../../errors.ts';
import type { ContainerContext } from '../context.ts';
import { listDirectories, readContainer } from '../record.ts';
import type { Container } from '../schema.ts';

/** The containers that have a volume, running or not, by its name; and those that may have any, their records being damaged. */
export interface VolumeUsers {
  byVolume: Map<string, Container[]>;
  damaged: string[];
}

/** Reads all records as they stand and puts nothing in order: the caller may hold a volume's lock. */
export async function volumeUsers({ root }: ContainerContext): Promise<VolumeUsers> {
  const users: VolumeUsers = { byVolume: new Map(), damaged: [] };
  for (const id of (await listDirectories(root)).ids) {
    try {
      const container = await readContainer(root, id);
      for (const name of container ? volumesIn(container.config) : [])
        users.byVolume.set(name, [...(users.byVolume.get(name) ?? []), container!]);
    } catch (error) {
      if (!(error instanceof GockerError)) throw error;
      users.damaged.push(id);
    }
  }
  return users;
}

/** The names of a container's volumes, each once. */
export function volumesIn({ binds }: Pick<Container['config'], 'binds'>): string[] {
  return [...new Set(binds.flatMap(({ volume }) => (volume ? [volume.name] : [])))];
}
