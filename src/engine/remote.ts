import { isIndex, parseManifestOrIndex } from '../image/manifest.ts';
import { formatPlatform, parsePlatform } from '../image/platform.ts';
import { familiarName, familiarRepository, parseReference } from '../image/reference.ts';
import type { Digest } from '../image/types.ts';
import { clientOf } from '../registry/client.ts';
import { fetchDocuments } from '../registry/pull/documents.ts';
import { listTags } from '../registry/tags.ts';
import { connect } from './connection.ts';
import { describeImage, type ImageInspection } from './describe-image.ts';
import type { Parts } from './parts.ts';

/** An image that was not pulled. `Size` and those of the layers are what would travel. */
export interface RemoteInspection extends ImageInspection {
  /** Of the manifest or index that the name stands for. */
  Digest: Digest;
  MediaType: string;
  /** What else the name stands for, when it is an index. */
  Platforms: string[];
}

/** All that the registry tells of an image, without pulling it. All errors are GockerErrors. */
export async function inspectRemote(
  parts: Parts,
  text: string,
  { platform }: { platform?: string | undefined },
): Promise<RemoteInspection> {
  const reference = parseReference(text);
  const client = clientOf(await connect(parts));
  const wanted = platform === undefined ? undefined : parsePlatform(platform);
  const documents = await fetchDocuments({ client, reference, platform: wanted }, new Map());
  const { top, manifest, config, configDigest, layers, bytes } = documents;
  const document = parseManifestOrIndex(bytes.at(-1)!, top.mediaType);
  const platforms = isIndex(document) ? document.manifests.flatMap((entry) => entry.platform ?? []) : [];
  return {
    ...describeImage(
      { id: configDigest, manifest, config, layers, chainIDs: [] },
      {
        tags: reference.digest === undefined ? [familiarName(reference)] : [],
        digests: [`${familiarRepository(reference)}@${top.digest}`],
        size: layers.reduce((sum, { size }) => sum + size, 0),
        driver: '',
      },
    ),
    Digest: top.digest,
    MediaType: top.mediaType,
    Platforms: platforms.filter(({ os }) => os !== 'unknown').map(formatPlatform),
  };
}

/** The tags of a repository, as people would order them; a tag in the name counts for nothing. */
export async function tagsOf(parts: Parts, text: string): Promise<{ repository: string; tags: string[] }> {
  const reference = parseReference(text);
  return { repository: familiarRepository(reference), tags: await listTags(await connect(parts), reference) };
}
