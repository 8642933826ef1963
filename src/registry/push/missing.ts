import { GockerError } from '../../errors.ts';
import { namesOthers } from '../../image/parts.ts';
import { formatPlatform } from '../../image/platform.ts';
import type { Descriptor } from '../../image/types.ts';
import type { Closure } from '../../store/closure.ts';
import { hasManifest } from './manifest.ts';
import type { Destination } from './types.ts';

/** Part of an image that is neither here nor there: images of an index may be there since an earlier push. */
export async function findMissing(
  { missing }: Closure,
  destination: Destination,
): Promise<Descriptor | undefined> {
  for (const part of missing) {
    if (!namesOthers(part.mediaType) || !(await hasManifest(destination, part.digest))) return part;
  }
  return undefined;
}

export function incomplete({ digest, platform }: Descriptor): GockerError {
  const what = platform === undefined ? digest : `${formatPlatform(platform)} (${digest})`;
  return new GockerError('INCOMPLETE_IMAGE', `${what} is not here`, {
    hint: 'gocker pull --all-platforms gets all of a multi-platform image; gocker push --platform pushes one of it',
  });
}
