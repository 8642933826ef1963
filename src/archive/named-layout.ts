import { parseManifest } from '../image/manifest.ts';
import { isManifestType } from '../image/media-type.ts';
import type { Digest } from '../image/types.ts';
import { namesByID } from './docker-archive.ts';
import type { ArchiveFiles } from './files.ts';
import { type ArchivedTop, blobName, documentOf, type Incoming } from './incoming.ts';
import { readLayout } from './oci-layout.ts';

/** An OCI image layout; the images that it gives no names have those that a manifest.json beside it gives them. */
export async function readNamedLayout(files: ArchiveFiles): Promise<Incoming | undefined> {
  const layout = await readLayout(files);
  if (layout === undefined || layout.tops.every(({ names }) => names.length > 0)) return layout;
  const known = await namesByID(files);
  if (known.size === 0) return layout;
  const tops = await Promise.all(layout.tops.map((top) => named(layout, top, known)));
  return { ...layout, tops };
}

async function named(
  layout: Incoming,
  top: ArchivedTop,
  known: ReadonlyMap<Digest, string[]>,
): Promise<ArchivedTop> {
  const { mediaType, digest } = top.descriptor;
  if (top.names.length > 0 || !isManifestType(mediaType)) return top;
  const file = await layout.file(digest);
  if (file === undefined) return top;
  const { config } = parseManifest(documentOf(file, blobName(digest)), mediaType);
  return { ...top, names: known.get(config.digest) ?? [] };
}
