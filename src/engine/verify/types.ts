import type { StorageDriver } from '../../driver/index.ts';
import type { Reference } from '../../image/reference.ts';
import type { Unpacker } from '../../layer/unpacker.ts';
import type { RegistryClient } from '../../registry/types.ts';
import type { PullMark } from '../../store/ingest.ts';
import type { Store } from '../../store/layout.ts';
import type { Parts } from '../parts.ts';

/** `unchecked`: it needs another part that is damaged or missing. */
export type PartStatus = 'sound' | 'repaired' | 'damaged' | 'missing' | 'unchecked';

/** One part of an image, or of the store. */
export interface VerifiedPart {
  /** A name of the image, as docker shows it, or its digest; empty for what belongs to the store. */
  image: string;
  /** `unpacked` is a layer's files; `blob` one that no image needs; `list` is index.json, `layout` is oci-layout. */
  kind: 'list' | 'layout' | 'index' | 'manifest' | 'config' | 'layer' | 'unpacked' | 'blob';
  /** Of the blob, or the chainID of what is unpacked. */
  digest: string;
  status: PartStatus;
  /** What is wrong, what was done, or what to do. */
  detail?: string;
}

export interface VerifyOptions {
  repair?: boolean | undefined;
  /** Told of each part as it is through. */
  onPart?: ((part: VerifiedPart) => void) | undefined;
}

/** What the functions of this folder share. */
export interface Session {
  parts: Parts;
  store: Store;
  driver: StorageDriver;
  unpacker: Unpacker;
  /** What tells whose the snapshots under way are. */
  mark: PullMark;
  repair: boolean;
  /** What is through, by digest or chainID: layers belong to several images. */
  done: Map<string, VerifiedPart>;
  /** The registry, when something is to be fetched. */
  client(): Promise<RegistryClient>;
  report(part: VerifiedPart): VerifiedPart;
}

/** What is being looked at: an image, and where its bytes may come from. */
export interface Subject {
  image: string;
  references: Reference[];
}
