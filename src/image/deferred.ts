/** Layers whose archive and digests are made when somebody first needs them: until then a random digest stands for them. */
import type { Digest } from './digest.ts';
import { MEDIA_TYPE } from './media-type.ts';
import type { Descriptor, Image } from './types.ts';

const DEFERRED = 'gocker.layer.deferred';
/** What such layers are when they are made. */
export const MADE_TYPE = `${MEDIA_TYPE.ociLayer}+gzip`;
const FORMERLY = 'gocker.image.formerly';

/** What a manifest says of such a layer; `digest` is its diffID in the config too. */
export function deferredLayer(digest: Digest): Descriptor {
  return { mediaType: MADE_TYPE, digest, size: 0, annotations: { [DEFERRED]: 'true' } };
}

/** Never true for a layer that came from elsewhere: those have bytes. */
export function isDeferred({ annotations, size }: Descriptor): boolean {
  return size === 0 && annotations?.[DEFERRED] === 'true';
}

/** True for an image that nobody else could have: some of its layers have no digests yet. */
export function isIncomplete({ layers }: Pick<Image, 'layers'>): boolean {
  return layers.some(isDeferred);
}

/** IDs that the image had before its digests were made; they go on to name it here. */
export function formerIDs({ annotations }: Descriptor): string[] {
  return annotations?.[FORMERLY]?.split(' ') ?? [];
}

/** The same for others, who know nothing of that. */
export function withoutFormerIDs({ annotations, ...descriptor }: Descriptor): Descriptor {
  const { [FORMERLY]: _own, ...rest } = annotations ?? {};
  return Object.keys(rest).length > 0 ? { ...descriptor, annotations: rest } : descriptor;
}

/** What the image store keeps of an image that takes the place of another one. */
export function withFormerIDs(descriptor: Descriptor, ids: readonly string[]): Descriptor {
  return { ...descriptor, annotations: { ...descriptor.annotations, [FORMERLY]: ids.join(' ') } };
}
