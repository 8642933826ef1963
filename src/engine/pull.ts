import { parsePlatform } from '../image/platform.ts';
import { familiarName, formatReference, parseReference } from '../image/reference.ts';
import type { Digest, Image } from '../image/types.ts';
import { clientOf } from '../registry/client.ts';
import { type LayerProgress, pullImage } from '../registry/pull.ts';
import { connect } from './connection.ts';
import type { Parts } from './parts.ts';

export type { LayerProgress } from '../registry/pull.ts';

/** Is told how a pull goes on. What it starts it has ended when `ended` resolves. */
export interface PullObserver {
  /** `tag` or digest, and `path` in its registry: `latest`, `library/alpine`. */
  started(tag: string, path: string): void;
  /** What the name stands for is known; its layers come next. */
  found(image: Image): void;
  layer(progress: LayerProgress): void;
  ended(): Promise<void>;
}

export interface PullOptions {
  /** `OS/ARCH[/VARIANT]`; this machine's when absent. */
  platform?: string;
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
}

/** Gets an image from its registry. All errors are GockerErrors that name the image. */
export async function pull(parts: Parts, text: string, options: PullOptions): Promise<PulledImage> {
  const reference = parseReference(text);
  const { observer, signal, platform } = options;
  const client = clientOf(await connect(parts));
  const driver = await parts.storage();
  await driver.probe();
  observer?.started(reference.digest ?? reference.tag ?? 'latest', reference.path);
  try {
    const { image, digest, status } = await pullImage({
      reference,
      client,
      driver,
      syscalls: parts.syscalls,
      store: await parts.store(),
      ...(platform === undefined ? {} : { platform: parsePlatform(platform) }),
      ...(signal && { signal }),
      ...(observer && { onImage: observer.found, onProgress: observer.layer }),
    });
    const names = { name: formatReference(reference), familiarName: familiarName(reference) };
    return { image, digest, ...names, changed: status === 'downloaded' };
  } finally {
    await observer?.ended();
  }
}
