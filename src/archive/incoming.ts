import { readFileSync } from 'node:fs';
import { DigestMismatchError } from '../errors.ts';
import { type Digest, hexOf } from '../image/digest.ts';
import { MAX_JSON_BYTES } from '../image/json.ts';
import { quoted } from '../image/printable.ts';
import type { Descriptor } from '../image/types.ts';
import { invalidArchive } from './error.ts';
import type { ArchiveFiles, StagedFile } from './files.ts';

/** What an archive wants to be known by which names. */
export interface ArchivedTop {
  descriptor: Descriptor;
  /** As `formatReference` writes them; none where the archive says none. */
  names: string[];
  /** The image ID, where the manifest is none of the publisher's: the store may have the image with its own. */
  id?: Digest;
}

/** The blobs of an archive, by what they are found to be. */
export interface Incoming {
  tops: ArchivedTop[];
  /** A staged blob; undefined when the archive does not have it. Throws DIGEST_MISMATCH. */
  file(digest: Digest): Promise<StagedFile | undefined>;
  /** A document that was made up for the archive, which has none of its own. */
  made(digest: Digest): Buffer | undefined;
}

/** The name of a blob in an OCI image layout (image-layout.md, "Blobs"). */
export function blobName(digest: Digest): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

/** A file that is to have a digest. Throws DIGEST_MISMATCH when it has another. */
export async function verified(
  files: ArchiveFiles,
  name: string,
  digest: string,
): Promise<StagedFile | undefined> {
  const file = await files.stage(name);
  if (file === undefined || file.digest === digest) return file;
  throw new DigestMismatchError(name, digest, file.digest, {
    hint: 'the archive is damaged: make it again where it comes from',
  });
}

/** A document by its name. Throws INVALID_ARCHIVE for one of more than 4 MiB. */
export async function readDocument(files: ArchiveFiles, name: string): Promise<Buffer | undefined> {
  const file = await files.stage(name);
  return file && documentOf(file, name);
}

export function documentOf({ path, size }: StagedFile, name: string): Buffer {
  if (size <= MAX_JSON_BYTES) return readFileSync(path);
  throw invalidArchive(`${quoted(name)} has ${size} bytes, at most ${MAX_JSON_BYTES} are read`);
}
