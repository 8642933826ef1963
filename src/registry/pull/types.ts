import type { Syscalls } from '../../../native/syscalls.ts';
import type { StorageDriver } from '../../driver/index.ts';
import type { Reference } from '../../image/reference.ts';
import type { ChainID, Descriptor, Digest, Image, Platform } from '../../image/types.ts';
import type { Unpacker } from '../../layer/unpacker.ts';
import type { Store } from '../../store/layout.ts';
import type { BlobSource, RegistryClient } from '../types.ts';

export type LayerPhase = 'waiting' | 'downloading' | 'unpacking' | 'done' | 'exists';

/** Where one layer is on its way. */
export interface LayerProgress {
  digest: Digest;
  phase: LayerPhase;
  /** Packed bytes that are through, of `total`. */
  current: number;
  total: number;
}

export interface PullOptions {
  reference: Reference;
  /** This machine's when absent; then an image for another one is taken too if it is the only one. */
  platform?: Platform | undefined;
  /** Of an index, bring everything into the store; unpacked is one platform's image all the same. */
  allPlatforms?: boolean | undefined;
  client: RegistryClient;
  store: Store;
  driver: StorageDriver;
  syscalls: Syscalls;
  /** Called once what the reference stands for is known, before its layers and the blobs of others are got. */
  onImage?: (image: Image, others: Descriptor[]) => void;
  onProgress?: (progress: LayerProgress) => void;
  /** One line for the person, when bytes are fetched again. */
  log?: ((line: string) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** `skip` leaves device nodes out. */
  devices?: 'create' | 'skip';
  /** Own workers when absent. */
  unpacker?: Unpacker;
}

/** Who served what of each blob and document. What was here already is not in it. */
export type Sources = Map<Digest, BlobSource[]>;

export interface PullResult {
  image: Image;
  /** What the reference names: the image's manifest, or the index that it was chosen from. */
  descriptor: Descriptor;
  /** The same thing's digest, for `Digest: ...`. */
  digest: Digest;
  sources: Sources;
  /** Bytes of layers that a pull which did not finish had left here. */
  resumed: number;
  status: 'downloaded' | 'up-to-date';
}

/** An image's layers on their way to disk, as the functions of this folder share them. */
export interface LayerPull extends Omit<PullOptions, 'unpacker'> {
  unpacker: Unpacker;
  /** What keys of snapshots under way begin with. */
  keyPrefix: string;
  /** Of the pull's mark: a snapshot could not be removed. */
  leave(): void;
  layers: Descriptor[];
  diffIDs: Digest[];
  chainIDs: ChainID[];
  sources: Sources;
  /** Layer -> bytes of it that were here already. */
  kept: Map<Digest, number>;
  signal: AbortSignal;
}
