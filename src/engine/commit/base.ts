import type { Container } from '../../container/schema.ts';
import { ConflictError, GockerError, hasCode } from '../../errors.ts';
import { MAX_LAYERS } from '../../image/manifest.ts';
import { parsePlatform } from '../../image/platform.ts';
import type { Image } from '../../image/types.ts';
import { resolveImage } from '../../store/resolve.ts';
import type { Parts } from '../parts.ts';

/** The image that a container was made of. Throws IMAGE_NOT_FOUND, or OTHER_DRIVER when another driver keeps its files. */
export async function baseOf(parts: Parts, { config }: Container): Promise<Image> {
  const own = await parts.storageDriver();
  if (config.storageDriver !== own) {
    throw new ConflictError(
      'OTHER_DRIVER',
      `the files of container "${config.name}" are kept by ${config.storageDriver}, images by ${own}`,
      { hint: `use --storage-driver ${config.storageDriver}` },
    );
  }
  const platform = parsePlatform(config.image.platform);
  try {
    return (await resolveImage(await parts.store(), config.image.id, platform)).found.image;
  } catch (error) {
    if (!hasCode(error, 'IMAGE_NOT_FOUND')) throw error;
    throw new GockerError(
      'IMAGE_NOT_FOUND',
      `the image ${config.image.reference} of container "${config.name}" is gone`,
      {
        hint: `pull it again, or keep the files with: gocker export ${config.name}`,
      },
    );
  }
}

/** Throws TOO_MANY_LAYERS for more than an image may have. */
export function checkLayers(count: number, { config }: Container): void {
  if (count <= MAX_LAYERS) return;
  throw new GockerError(
    'TOO_MANY_LAYERS',
    `container "${config.name}" would stand on ${count} layers, at most ${MAX_LAYERS} can be`,
    {
      hint: `make an image of one layer of it: gocker export ${config.name} | gocker import -`,
    },
  );
}
