import type { Digest } from '../../image/types.ts';
import type { ContainerConfig } from '../schema.ts';

/** The IDs of the images that a container needs: its own, and those that are mounted in it. */
export function imagesOfContainer({ image, binds }: Pick<ContainerConfig, 'image' | 'binds'>): Digest[] {
  const mounted = binds.flatMap((bind) => (bind.image ? [bind.image.id] : []));
  return [...new Set([image.id, ...mounted])] as Digest[];
}
