import { GockerError } from '../errors.ts';
import { namesOthers, partsOf } from '../image/parts.ts';
import type { Descriptor, Digest } from '../image/types.ts';
import { hasBlob, readBlob } from './blobs.ts';
import type { Store } from './layout.ts';

/** A manifest or index as it was served. */
export interface StoredDocument {
  descriptor: Descriptor;
  bytes: Buffer;
}

/** A manifest or index of the store, and all that it leads to. */
export interface Closure {
  /** What names others after what it names: the top is the last. */
  documents: StoredDocument[];
  /** Configs, layers and whatever else; each once. */
  blobs: Descriptor[];
  /** Manifests and blobs that are not in the store. */
  missing: Descriptor[];
}

/** Indexes may name indexes, but nobody nests them deeper. */
export const MAX_DEPTH = 8;

/** Walks the store from a manifest or index. Throws DIGEST_MISMATCH when a document is damaged, and what `partsOf` throws. */
export function closureOf(store: Store, top: Descriptor): Closure {
  const closure: Closure = { documents: [], blobs: [], missing: [] };
  walk(store, top, { closure, seen: new Set(), depth: 0 });
  return closure;
}

interface Walk {
  closure: Closure;
  seen: Set<Digest>;
  depth: number;
}

function walk(store: Store, descriptor: Descriptor, { closure, seen, depth }: Walk): void {
  if (seen.has(descriptor.digest)) return;
  seen.add(descriptor.digest);
  if (!hasBlob(store, descriptor.digest)) closure.missing.push(descriptor);
  else if (!namesOthers(descriptor.mediaType)) closure.blobs.push(descriptor);
  else {
    if (depth > MAX_DEPTH) throw tooDeep(descriptor);
    const bytes = readBlob(store, descriptor.digest);
    for (const part of partsOf(bytes)) walk(store, part, { closure, seen, depth: depth + 1 });
    closure.documents.push({ descriptor, bytes });
  }
}

export function tooDeep({ digest }: Descriptor): GockerError {
  return new GockerError('INVALID_MANIFEST', `index ${digest}: nested more than ${MAX_DEPTH} levels deep`, {
    hint: 'the image is malformed; ask its publisher for a correct one',
  });
}
