/** The nouns of the OCI image spec (v1.1) as gocker hands them around, already checked. No I/O in this folder. */
import type { ChainID } from '../driver/index.ts';
import type { Digest } from './digest.ts';

export type { ChainID } from '../driver/index.ts';
export type { Digest } from './digest.ts';

/** What a platform-bound image runs on (OCI image-index.md "platform"). */
export interface Platform {
  os: string;
  architecture: string;
  variant?: string;
}

/** Names bytes: what they are, their digest, how many (OCI descriptor.md). */
export interface Descriptor {
  mediaType: string;
  digest: Digest;
  size: number;
  platform?: Platform;
  annotations?: Record<string, string>;
}

/** An image manifest (OCI manifest.md; docker schema 2 is read as the same). */
export interface Manifest {
  mediaType: string;
  config: Descriptor;
  layers: Descriptor[];
  annotations?: Record<string, string>;
}

/** A multi-platform index (OCI image-index.md; docker manifest lists are read as the same). */
export interface Index {
  mediaType: string;
  manifests: Descriptor[];
  annotations?: Record<string, string>;
}

/** What an image says of the program to run (OCI config.md "config"); keys as on the wire. */
export interface ImageRunConfig {
  User?: string;
  Env?: string[];
  Entrypoint?: string[];
  Cmd?: string[];
  WorkingDir?: string;
  StopSignal?: string;
  /** docker's own, in no OCI document; times in nanoseconds. */
  Healthcheck?: {
    Test?: string[];
    Interval?: number;
    Timeout?: number;
    StartPeriod?: number;
    StartInterval?: number;
    Retries?: number;
  };
  ExposedPorts?: Record<string, unknown>;
  Volumes?: Record<string, unknown>;
  Labels?: Record<string, string>;
  /** docker's own: instructions for whoever builds on the image. */
  OnBuild?: string[];
}

/** An image config (OCI config.md); its digest is the image ID. */
export interface ImageConfig {
  platform: Platform;
  created?: string;
  author?: string;
  config: ImageRunConfig;
  diffIDs: Digest[];
  history: { created?: string; created_by?: string; comment?: string; empty_layer?: boolean }[];
}

/** One platform's image, complete in the store. */
export interface Image {
  /** The config's digest. */
  id: Digest;
  manifest: Descriptor;
  config: ImageConfig;
  layers: Descriptor[];
  /**
   * The names of its snapshots, one per layer, bottom first: chainIDs, or what stands for them here. Containers stand on
   * the last.
   */
  chainIDs: ChainID[];
}
