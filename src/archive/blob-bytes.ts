import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { DigestMismatchError } from '../errors.ts';
import type { Descriptor } from '../image/types.ts';
import { type Store, storePaths } from '../store/layout.ts';

const CHUNK = 1024 * 1024;

/** The bytes of a blob of the store. Throws DIGEST_MISMATCH at the end, or as soon as there are too many. */
export async function* blobBytes(store: Store, { digest, size }: Descriptor): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let read = 0;
  for await (const chunk of createReadStream(storePaths.blob(store, digest), { highWaterMark: CHUNK })) {
    const bytes = chunk as Buffer;
    read += bytes.length;
    if (read > size) throw damaged(digest, `${size} bytes`, 'more');
    hash.update(bytes);
    yield bytes;
  }
  if (read !== size) throw damaged(digest, `${size} bytes`, String(read));
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== digest) throw damaged(digest, digest, found);
}

function damaged(digest: string, expected: string, found: string): DigestMismatchError {
  return new DigestMismatchError(`blob ${digest} of the store`, expected, found, {
    hint: 'the file was changed or damaged; pull the image again',
  });
}
