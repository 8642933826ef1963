import type { FileStat, Syscalls } from '../../../native/syscalls.ts';
import type { ByteString } from '../bytes.ts';
import type { Own } from './own.ts';
import type { Parents } from './parents.ts';

/**
 * Where a layer goes. `overlay`: an empty upper directory, deletions become overlayfs's whiteouts. `bind`: a directory
 * that holds the layers below already, deletions are done.
 */
export interface ApplyTarget {
  mode: 'overlay' | 'bind';
  /** Absolute path of the directory. */
  directory: string;
  /** True for the lowest layer of an image: there is nothing to delete. */
  bottom: boolean;
}

/** What is taken over from a layer. */
export interface ApplyPolicy {
  /** `create`: as in the layer, for root file systems that are mounted nodev; `skip`: leave out. */
  devices: 'create' | 'skip';
  /** The archive is of a plain tree: no name in it means a deletion. */
  plain?: boolean;
}

/** What only the layers below can answer; empty in `bind` mode. Paths are relative to the root. */
export interface OpenQuestions {
  /** Directories without an entry of their own: they look as they do below. The root is the empty string. */
  implied: ByteString[];
  /** Names hidden by a whiteout. */
  whiteouts: ByteString[];
  /** The path of an entry that cannot be applied apart from the layers below: the layer must be applied on top of them. */
  needsLower?: ByteString;
}

/** The state of one layer's way to disk, shared by the functions of this folder. */
export interface Applying {
  syscalls: Syscalls;
  target: ApplyTarget;
  policy: ApplyPolicy;
  /** fd of the target directory. */
  root: number;
  parents: Parents;
  /** What this layer wrote; kept in `bind` mode only. */
  own: Own | undefined;
  /** Times of directories, set when nothing is written into them any more. */
  directoryTimes: Map<ByteString, bigint>;
  implied: Set<ByteString>;
  /** Names to hide, by directory. */
  whiteouts: Map<ByteString, Set<ByteString>>;
  opaque: Set<ByteString>;
}

/** An entry's place: the directory it goes into, as an fd, and its name there. */
export interface Place {
  parent: number;
  name: ByteString;
}

export type { ByteString, FileStat };
