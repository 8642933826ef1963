import { NotFoundError } from '../../errors.ts';
import type { Reference } from '../../image/reference.ts';
import type { Image } from '../../image/types.ts';
import { createUnpacker } from '../../layer/unpacker.ts';
import { markPull, type PullMark } from '../../store/ingest.ts';
import type { RegistryClient } from '../types.ts';
import { pullLayers } from './layers.ts';
import type { LayerPull, PullOptions } from './types.ts';

/** Nothing is to be fetched: what is missing is missing. */
const NOBODY: RegistryClient = {
  fetchManifest: async (_, digest) => nothing(digest ?? 'manifest'),
  fetchBlob: async (_, { digest }) => nothing(digest),
};

const NOWHERE: Reference = { domain: 'localhost', path: 'none' };

function nothing(what: string): never {
  throw new NotFoundError('BLOB_NOT_FOUND', `${what} is not in the store`, { hint: 'pull the image again' });
}

/** Unpacks an image whose blobs are in the store, such as that of another platform. Throws BLOB_NOT_FOUND. */
export async function unpackImage(
  options: Omit<PullOptions, 'client' | 'reference'>,
  image: Image,
): Promise<void> {
  const mark = await markPull(options.store, options.signal);
  const unpacker = options.unpacker ?? createUnpacker();
  try {
    await pullLayers(storedPull({ ...options, unpacker }, image, mark));
  } finally {
    if (options.unpacker === undefined) await unpacker.close();
    mark.done();
  }
}

/** The layers of an image on their way out of the store alone. */
export function storedPull(
  options: Omit<PullOptions, 'client' | 'reference' | 'unpacker'> & Pick<LayerPull, 'unpacker'>,
  image: Image,
  { keyPrefix, leave }: Pick<PullMark, 'keyPrefix' | 'leave'>,
): LayerPull {
  return {
    ...options,
    client: NOBODY,
    reference: NOWHERE,
    keyPrefix,
    leave,
    sources: new Map(),
    kept: new Map(),
    layers: image.layers,
    diffIDs: image.config.diffIDs,
    chainIDs: image.chainIDs,
    signal: options.signal ?? new AbortController().signal,
  };
}
