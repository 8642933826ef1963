import type { Mount } from '../../driver/index.ts';
import type { ApplyTarget } from '../../layer/apply/context.ts';
import type { LayerJob } from '../../layer/job.ts';

/** Where a layer goes, from what the storage driver prepared for it. */
export type Placement = Required<Pick<LayerJob, 'target'>> & Pick<LayerJob, 'mounts'>;

/**
 * By the type of the mount: an overlay's upper directory takes the layer with whiteouts in overlayfs's form, a bind's
 * source takes it with deletions done. Anything else is mounted at `mountPoint`, privately, and taken like a bind.
 */
export function placementOf(mounts: Mount[], bottom: boolean, mountPoint: string): Placement {
  const [mount] = mounts;
  if (mounts.length === 1 && mount !== undefined && mount.target === undefined) {
    const upper = mount.options.find((option) => option.startsWith('upperdir='))?.slice('upperdir='.length);
    if (mount.type === 'overlay' && upper !== undefined)
      return { target: { mode: 'overlay', directory: upper, bottom } };
    if (mount.type === 'bind') return { target: { mode: 'bind', directory: mount.source, bottom } };
  }
  return mountedPlacement(mounts, mountPoint);
}

/** On top of the layers below, through the mount itself. */
export function mountedPlacement(mounts: Mount[], mountPoint: string): Placement {
  const target: ApplyTarget = { mode: 'bind', directory: mountPoint, bottom: false };
  return { target, mounts };
}
