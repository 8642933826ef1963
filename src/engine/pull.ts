import { parsePlatform } from '../image/platform.ts';
import { familiarName, formatReference, parseReference, type Reference } from '../image/reference.ts';
import type { Descriptor, Digest, Image } from '../image/types.ts';
import { clientOf } from '../registry/client.ts';
import { endpointsFor } from '../registry/endpoint.ts';
import { unpackImage } from '../registry/pull/unpack.ts';
import { type LayerProgress, type PullResult, pullImage, type Share, sharesOf } from '../registry/pull.ts';
import { connect } from './connection.ts';
import type { Parts } from './parts.ts';

export type { LayerProgress, Share } from '../registry/pull.ts';

/** How an image's bytes came together. */
export interface Origins {
  /** Who served what. */
  shares: Share[];
  /** There are mirrors that could have served it. */
  mirrored: boolean;
  /** Bytes of layers that a pull which did not finish had left here. */
  resumed: number;
}

/** Is told how a pull goes on. What it starts it has ended when `ended` resolves. */
export interface PullObserver {
  /** `tag` or digest, and `path` in its registry: `latest`, `library/alpine`. */
  started(tag: string, path: string): void;
  /** What the name stands for is known; its layers come next, then the blobs of other platforms. */
  found(image: Image, others: Descriptor[]): void;
  layer(progress: LayerProgress): void;
  ended(): Promise<void>;
  /** Told last of all, when all is there. */
  pulled?(image: PulledImage): void;
}

export interface PullOptions {
  /** `OS/ARCH[/VARIANT]`; this machine's when absent. */
  platform?: string;
  /** Bring all platforms of an index; one is unpacked. */
  allPlatforms?: boolean;
  observer?: PullObserver;
  signal?: AbortSignal;
}

export interface PulledImage {
  image: Image;
  /** Of what the name stands for. */
  digest: Digest;
  /** `docker.io/library/alpine:latest`. */
  name: string;
  /** `alpine:latest`. */
  familiarName: string;
  /** Something came that was not here. */
  changed: boolean;
  origins: Origins;
}

/** Gets an image from its registry. All errors are GockerErrors that name the image. */
export async function pull(parts: Parts, text: string, options: PullOptions): Promise<PulledImage> {
  const reference = parseReference(text);
  const { observer, signal, platform, allPlatforms } = options;
  const connection = await connect(parts);
  const client = clientOf(connection);
  const driver = await parts.storage();
  await driver.probe();
  observer?.started(reference.digest ?? reference.tag ?? 'latest', reference.path);
  let result: PullResult;
  try {
    result = await pullImage({
      reference,
      client,
      driver,
      syscalls: parts.syscalls,
      store: await parts.store(),
      log: parts.log,
      ...(platform === undefined ? {} : { platform: parsePlatform(platform) }),
      allPlatforms,
      ...(signal && { signal }),
      ...(observer && { onImage: observer.found, onProgress: observer.layer }),
    });
  } finally {
    await observer?.ended();
  }
  const mirrored = endpointsFor(reference, connection.settings, { byDigest: true }).length > 1;
  const pulled = pulledImage(reference, result, mirrored);
  observer?.pulled?.(pulled);
  return pulled;
}

function pulledImage(reference: Reference, result: PullResult, mirrored: boolean): PulledImage {
  const { image, digest, status, sources, resumed } = result;
  return {
    image,
    digest,
    name: formatReference(reference),
    familiarName: familiarName(reference),
    changed: status === 'downloaded',
    origins: { shares: sharesOf(sources), mirrored, resumed },
  };
}

/** Makes an image of the store one that containers can stand on. Throws BLOB_NOT_FOUND when a layer is missing. */
export async function unpack(parts: Parts, image: Image): Promise<void> {
  const { syscalls } = parts;
  await unpackImage({ driver: await parts.storage(), syscalls, store: await parts.store() }, image);
}
