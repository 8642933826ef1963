import { hexOf } from '../image/digest.ts';
import { namesOthers, partsOf } from '../image/parts.ts';
import type { Descriptor, Digest } from '../image/types.ts';
import { hasBlob, readBlob } from '../store/blobs.ts';
import { MAX_DEPTH, type StoredDocument, tooDeep } from '../store/closure.ts';
import type { Store } from '../store/layout.ts';
import { invalidArchive } from './error.ts';
import type { StagedFile } from './files.ts';
import { blobName, documentOf, type Incoming } from './incoming.ts';

/** Of all manifests and indexes of one image together, in bytes: they are held in memory. */
const MAX_DOCUMENTS = 64 * 1024 * 1024;

/** What a manifest or index of an archive leads to. */
export interface Arrival {
  /** What names others after what it names: the top is the last. */
  documents: StoredDocument[];
  /** Configs, layers and whatever else the archive has. */
  files: StagedFile[];
}

/**
 * Walks from a manifest or index down. What the archive does not have may be in the store; of an index's manifests any may
 * be missing, as long as one is there. Throws INVALID_ARCHIVE, DIGEST_MISMATCH and what `partsOf` throws.
 */
export async function walkArchive(store: Store, incoming: Incoming, top: Descriptor): Promise<Arrival> {
  const arrival: Arrival = { documents: [], files: [] };
  const seen = new Set<Digest>();
  let held = 0;
  const visit = async (descriptor: Descriptor, depth: number): Promise<boolean> => {
    if (seen.has(descriptor.digest)) return true;
    seen.add(descriptor.digest);
    if (!namesOthers(descriptor.mediaType)) return await addFile(descriptor);
    const bytes = await documentAt(store, incoming, descriptor);
    if (bytes === undefined) return false;
    if (depth > MAX_DEPTH) throw tooDeep(descriptor);
    held += bytes.length;
    if (held > MAX_DOCUMENTS) throw invalidArchive(`${top.digest} leads to more than 64 MiB of manifests`);
    for (const part of partsOf(bytes)) {
      const isThere = await visit(part, depth + 1);
      if (!isThere && !namesOthers(part.mediaType)) throw missing(part, descriptor);
    }
    arrival.documents.push({ descriptor, bytes });
    return true;
  };
  const addFile = async (descriptor: Descriptor): Promise<boolean> => {
    const file = await incoming.file(descriptor.digest);
    if (file === undefined) return hasBlob(store, descriptor.digest);
    checkSize(descriptor, file.size);
    arrival.files.push(file);
    return true;
  };
  if (!(await visit(top, 0))) throw invalidArchive(`${top.digest} is not in it`);
  return arrival;
}

async function documentAt(
  store: Store,
  incoming: Incoming,
  descriptor: Descriptor,
): Promise<Buffer | undefined> {
  const made = incoming.made(descriptor.digest);
  if (made !== undefined) return made;
  const file = await incoming.file(descriptor.digest);
  if (file === undefined) {
    return hasBlob(store, descriptor.digest) ? readBlob(store, descriptor.digest) : undefined;
  }
  checkSize(descriptor, file.size);
  return documentOf(file, blobName(descriptor.digest));
}

function checkSize({ digest, size }: Descriptor, found: number): void {
  if (size === found) return;
  throw invalidArchive(`blob ${hexOf(digest)} is said to have ${size} bytes, it has ${found}`);
}

function missing(part: Descriptor, { digest }: Descriptor): Error {
  return invalidArchive(`${part.digest}, which ${digest} names, is neither in it nor in the store`);
}
