import type { Reference } from '../../image/reference.ts';
import type { Descriptor, Digest } from '../../image/types.ts';
import type { Store } from '../../store/layout.ts';
import type { Connection } from '../connection.ts';
import type { Endpoint } from '../endpoint.ts';

export type BlobPhase = 'waiting' | 'pushing' | 'pushed' | 'exists' | 'mounted';

/** Where one blob is on its way to a registry. */
export interface BlobProgress {
  digest: Digest;
  phase: BlobPhase;
  /** Bytes that are sent, of `total`. */
  current: number;
  total: number;
  /** The repository that it was mounted from. */
  from?: string;
}

export interface PushOptions {
  connection: Connection;
  store: Store;
  /** Where to; a tag. */
  reference: Reference;
  /** What to push: a manifest or index of the store. */
  top: Descriptor;
  /** One image of an index, for when not all of them are to be had. */
  instead: Descriptor;
  /** Other repositories of the same registry that have the blob, as far as is known here. */
  sourcesOf(digest: Digest): string[];
  /** Called once it is known what is pushed, before anything is sent. */
  onBlobs?: (blobs: Descriptor[]) => void;
  onProgress?: (progress: BlobProgress) => void;
  signal?: AbortSignal | undefined;
}

/** One place in one registry, and how it is talked to. */
export interface Destination {
  connection: Connection;
  endpoint: Endpoint;
  repository: string;
  /** What access to ask for. */
  push: { from: readonly string[] };
  signal?: AbortSignal | undefined;
}
