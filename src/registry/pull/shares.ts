import type { Sources } from './types.ts';

/** What one server has served of an image. */
export interface Share {
  /** `scheme://host[:port]` */
  source: string;
  bytes: number;
  /** Of layers, config and manifests. */
  blobs: number;
  /** Those of them that others have served the rest of. */
  parts: number;
}

/** Who served how much, in the order in which they were first heard of. */
export function sharesOf(sources: Sources): Share[] {
  const shares = new Map<string, Share>();
  for (const served of sources.values()) {
    for (const { source, bytes } of served) {
      const share = shares.get(source) ?? { source, bytes: 0, blobs: 0, parts: 0 };
      shares.set(source, share);
      share.bytes += bytes;
      share.blobs++;
      if (served.length > 1) share.parts++;
    }
  }
  return [...shares.values()];
}
