import type { Container } from '../../container/schema.ts';
import type { Digest } from '../../image/types.ts';

/** A kind of thing that the root keeps; all sizes in bytes of the disk, as du(1) counts. */
export interface Category {
  total: number;
  /** Used by a container; of containers, running. */
  active: number;
  size: number;
  /** What a prune of all that is not active would free. */
  reclaimable: number;
}

/** A layer of some image: unpacked, packed, or both. */
export interface LayerUsage {
  /** What it is called by the storage driver. */
  chainID: string;
  /** Of the packed layer; absent where no image that is here names it. */
  digest?: Digest;
  /** IDs. */
  images: Digest[];
  packed: number;
  unpacked: number;
}

export interface ImageUsage {
  id: Digest;
  /** As docker shows them. */
  names: { repository?: string; tag?: string }[];
  created?: string;
  /** Layers, packed and unpacked, and documents. */
  size: number;
  /** The part of it that other images have too. */
  shared: number;
  containers: number;
}

export interface ContainerUsage {
  container: Container;
  running: boolean;
  /** Its own file system. */
  upper: number;
  logs: number;
  /** Records and the rest of its folder. */
  rest: number;
}

export interface VolumeUsage {
  name: string;
  /** Containers that use it. */
  links: number;
  size: number;
}

export interface DiskUsage {
  /** Of the whole root; the categories and `other` add up to it. */
  total: number;
  categories: { images: Category; containers: Category; volumes: Category; downloads: Category };
  /** Records, locks, and what belongs to nothing. */
  other: number;
  images: ImageUsage[];
  layers: LayerUsage[];
  containers: ContainerUsage[];
  volumes: VolumeUsage[];
  /** Blobs of which a part has come. */
  downloads: { digest: string; size: number }[];
  /** Below the storage driver's root, outside of all its snapshots. */
  orphans: number;
}
