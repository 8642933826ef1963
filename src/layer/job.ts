/** One layer's way from packed bytes to files, as plain data: what the main thread asks of an unpacking worker. */
import type { Mount } from '../driver/index.ts';
import type { Descriptor, Digest } from '../image/types.ts';
import type { ApplyPolicy, ApplyTarget, OpenQuestions } from './apply/context.ts';

export interface LayerJob {
  layer: Descriptor;
  /** The digest that the image config promises for the unpacked layer. */
  diffID: Digest;
  /** Where to unpack to; without one the bytes are only verified and kept. */
  target?: ApplyTarget;
  /** Mounts that make up the target directory; made in a mount namespace of the worker's own. */
  mounts?: Mount[];
  policy: ApplyPolicy;
  /** Absolute path of the file that takes the packed bytes as they are. What it has already is checked and taken first. */
  ingest?: string;
  /** Absolute path of the notes by which a part of the ingest file is checked; without it only a whole one is taken. */
  notes?: string;
  /** Absolute path of a file to read the packed bytes from, instead of being sent them. */
  source?: string;
  /** It would keep one core busy while others have nothing to do, so that two share it from the start. */
  isLarge?: boolean;
}

export interface LayerResult {
  questions: OpenQuestions;
  /** Bytes of the unpacked archive. */
  unpacked: number;
}

/** How much of a layer is done, in bytes: packed ones taken in, of `descriptor.size`. */
export type OnProgress = (taken: number) => void;
