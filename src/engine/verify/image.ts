import { GockerError } from '../../errors.ts';
import { isDeferred } from '../../image/deferred.ts';
import { isIndex, parseManifestOrIndex } from '../../image/manifest.ts';
import { isConfigType } from '../../image/media-type.ts';
import { namesOthers, partsOf } from '../../image/parts.ts';
import { choosePlatform, hostPlatform } from '../../image/platform.ts';
import type { Descriptor } from '../../image/types.ts';
import { hasBlob, readBlob } from '../../store/blobs.ts';
import { kindOf, verifyBlob } from './blob.ts';
import type { Session, Subject } from './types.ts';

/** A manifest or index and all that it leads to, as far as the store is meant to have it. */
export async function verifyClosure(session: Session, subject: Subject, top: Descriptor): Promise<void> {
  const isFirst = !session.done.has(top.digest);
  const { status } = await verifyBlob(session, subject, { ...top, kind: kindOf(top, 'layer') });
  if (!isFirst || !isWhole(status)) return;
  const bytes = readBlob(session.store, top.digest);
  for (const part of wanted(session, top, bytes)) {
    // Its archive, and with that its digest, are made when somebody needs them.
    if (isDeferred(part)) continue;
    if (namesOthers(part.mediaType)) await verifyClosure(session, subject, part);
    else {
      const kind = isConfigType(part.mediaType) ? 'config' : 'layer';
      await verifyBlob(session, subject, { ...part, kind });
    }
  }
}

export function isWhole(status: string): boolean {
  return status === 'sound' || status === 'repaired';
}

/** Of an index those manifests that are here, or else this machine's: others were never pulled. */
function wanted({ store }: Session, top: Descriptor, bytes: Buffer): Descriptor[] {
  const parts = partsOf(bytes);
  if (parts.some(({ mediaType }) => !namesOthers(mediaType))) return parts;
  const here = parts.filter(({ digest }) => hasBlob(store, digest));
  if (here.length > 0) return here;
  try {
    const document = parseManifestOrIndex(bytes, top.mediaType);
    return isIndex(document) ? [choosePlatform(document, hostPlatform())] : parts;
  } catch (error) {
    if (error instanceof GockerError) return [];
    throw error;
  }
}
