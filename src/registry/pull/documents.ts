import { createHash } from 'node:crypto';
import { DigestMismatchError, GockerError, hasCode } from '../../errors.ts';
import { checkLayerCount, parseImageConfig } from '../../image/config.ts';
import { MAX_JSON_BYTES } from '../../image/json.ts';
import { isIndex, parseManifest, parseManifestOrIndex } from '../../image/manifest.ts';
import { choosePlatform, formatPlatform, hostPlatform, normalise } from '../../image/platform.ts';
import type { Descriptor, Digest, ImageConfig, Index, Manifest } from '../../image/types.ts';
import { hasBlob, putBlob, readBlob, removeBlob } from '../../store/blobs.ts';
import { lockIngest } from '../../store/ingest.ts';
import type { BlobSource, BlobStream, FetchedManifest } from '../types.ts';
import type { PullOptions, Sources } from './types.ts';

/** What is needed to find out what an image is made of. Without a store nothing is taken from it. */
export type Finding = Pick<PullOptions, 'client' | 'reference' | 'platform' | 'allPlatforms' | 'signal'> &
  Partial<Pick<PullOptions, 'store'>>;

/** The documents of one platform's image, parsed and as bytes. */
export interface Documents {
  /** What the reference names. */
  top: Descriptor;
  manifest: Descriptor;
  layers: Descriptor[];
  config: ImageConfig;
  configDigest: Digest;
  /** What names the config and the layers, in the order in which they must be stored after them. */
  bytes: Buffer[];
}

/** Fetches what says how the image is made up; what is in the store already is not asked for again. */
export async function fetchDocuments(options: Finding, sources: Sources): Promise<Documents> {
  const { client, reference, signal } = options;
  const top = await client.fetchManifest(reference, undefined, signal ? { signal } : {});
  sources.set(top.descriptor.digest, sourceOf(top));
  const document = parseManifestOrIndex(top.bytes, top.descriptor.mediaType);
  if (!isIndex(document))
    return complete(options, sources, { top: top.descriptor, manifest: top, indexes: [] });
  const chosen = choose(document, options);
  const manifest = { descriptor: chosen, bytes: await manifestBytes(options, chosen, sources) };
  return complete(options, sources, { top: top.descriptor, manifest, indexes: [top.bytes] });
}

function sourceOf({ source, bytes }: FetchedManifest): BlobSource[] {
  return [{ source, bytes: bytes.length }];
}

/** Where all platforms are wanted, none has to be this machine's. */
function choose(index: Index, { platform, allPlatforms }: Finding): Descriptor {
  try {
    return choosePlatform(index, platform ?? hostPlatform());
  } catch (error) {
    const any = index.manifests.find((entry) => entry.platform && entry.platform.os !== 'unknown');
    if (any !== undefined && allPlatforms && platform === undefined && hasCode(error, 'PLATFORM_NOT_FOUND'))
      return any;
    throw error;
  }
}

interface Found {
  top: Descriptor;
  manifest: { descriptor: Descriptor; bytes: Buffer };
  indexes: Buffer[];
}

async function complete(options: Finding, sources: Sources, found: Found): Promise<Documents> {
  const { descriptor, bytes } = found.manifest;
  const manifest = parseManifest(bytes, descriptor.mediaType);
  const config = await configOf(options, manifest, sources);
  if (found.indexes.length === 0) checkPlatform(options, config);
  return {
    top: found.top,
    manifest: descriptor,
    layers: manifest.layers,
    config,
    configDigest: manifest.config.digest,
    bytes: [bytes, ...found.indexes],
  };
}

/** A manifest that an index names, out of the store or from the registry. */
export async function manifestBytes(
  options: Finding,
  descriptor: Descriptor,
  sources: Sources,
): Promise<Buffer> {
  const { client, reference, signal } = options;
  const stored = await readIfSound(options, descriptor.digest);
  if (stored !== undefined) return stored;
  const fetched = await client.fetchManifest(reference, descriptor.digest, signal ? { signal } : {});
  sources.set(descriptor.digest, sourceOf(fetched));
  if (fetched.descriptor.mediaType !== descriptor.mediaType || fetched.bytes.length !== descriptor.size) {
    throw new GockerError(
      'INVALID_MANIFEST',
      `manifest ${descriptor.digest}: the index says ${descriptor.mediaType} of ${descriptor.size} bytes, it is ${fetched.descriptor.mediaType} of ${fetched.bytes.length}`,
      { hint: 'the image is malformed; ask its publisher for a correct one' },
    );
  }
  return fetched.bytes;
}

/** A damaged one makes way for what is fetched. */
async function readIfSound({ store }: Finding, digest: Digest): Promise<Buffer | undefined> {
  if (store === undefined || !hasBlob(store, digest)) return undefined;
  try {
    return readBlob(store, digest);
  } catch (error) {
    if (!(error instanceof DigestMismatchError)) throw error;
    await removeBlob(store, digest);
    return undefined;
  }
}

/** In the store, if there is one, when this is through. Of several processes that want it, one fetches it. */
async function configOf(options: Finding, manifest: Manifest, sources: Sources): Promise<ImageConfig> {
  const { store, signal } = options;
  const { digest, size } = manifest.config;
  if (size > MAX_JSON_BYTES) {
    throw new GockerError(
      'INVALID_MANIFEST',
      `image config of ${size} bytes, at most ${MAX_JSON_BYTES} are read`,
      {
        hint: 'the image is malformed; ask its publisher for a correct one',
      },
    );
  }
  const ingest = store && (await lockIngest(store, digest, signal));
  try {
    const stored = await readIfSound(options, digest);
    const bytes = stored ?? (await fetchConfig(options, manifest.config, sources));
    const config = parseImageConfig(bytes);
    checkLayerCount(config, manifest);
    if (store !== undefined) await putBlob(store, bytes);
    return config;
  } finally {
    ingest?.release();
  }
}

/** From the first endpoint that has the right bytes. */
async function fetchConfig(options: Finding, config: Descriptor, sources: Sources): Promise<Buffer> {
  const { client, reference, signal } = options;
  const avoid = new Set<string>();
  let mismatch: DigestMismatchError | undefined;
  for (;;) {
    let blob: BlobStream;
    try {
      blob = await client.fetchBlob(reference, config, { avoid, ...(signal && { signal }) });
    } catch (error) {
      throw mismatch ?? error;
    }
    if (avoid.has(blob.source)) throw mismatch;
    const bytes = await readAll(blob);
    mismatch = mismatchOf(config, bytes);
    if (mismatch === undefined) {
      sources.set(config.digest, blob.sources());
      return bytes;
    }
    avoid.add(blob.source);
  }
}

async function readAll({ stream }: BlobStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function mismatchOf({ digest, size }: Descriptor, bytes: Buffer): DigestMismatchError | undefined {
  const hint = 'the bytes were damaged or changed on their way; pull again, or from another registry';
  if (bytes.length !== size) {
    return new DigestMismatchError(`image config ${digest}`, `${size} bytes`, `${bytes.length}`, { hint });
  }
  const found = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return found === digest
    ? undefined
    : new DigestMismatchError(`image config ${digest}`, digest, found, { hint });
}

/** An image of one platform says only in its config which; refused when another was asked for by name. */
function checkPlatform({ platform }: Finding, config: ImageConfig): void {
  if (platform === undefined) return;
  const [wanted, has] = [platform, config.platform].map((one) => formatPlatform(normalise(one)));
  if (wanted === has) return;
  throw new GockerError('PLATFORM_NOT_FOUND', `the image has nothing for ${wanted}: it is for ${has}`, {
    hint: 'leave --platform out to take it all the same',
  });
}
