import { closeSync, openSync, readSync } from 'node:fs';
import * as v from 'valibot';
import type { Digest } from '../image/digest.ts';
import { nullFree } from '../image/json.ts';
import { MEDIA_TYPE } from '../image/media-type.ts';
import { quoted } from '../image/printable.ts';
import { formatReference, parseReference } from '../image/reference.ts';
import type { Descriptor } from '../image/types.ts';
import { packingOf } from '../layer/decompress.ts';
import { digestOf } from '../store/blobs.ts';
import { invalidArchive } from './error.ts';
import type { ArchiveFiles, StagedFile } from './files.ts';
import { type ArchivedTop, type Incoming, readDocument, verified } from './incoming.ts';
import { memberName } from './member-name.ts';
import { checkOf } from './oci-layout.ts';

const manifestSchema = v.array(
  nullFree({
    Config: v.string(),
    RepoTags: v.exactOptional(v.array(v.string()), []),
    Layers: v.exactOptional(v.array(v.string()), []),
  }),
);

type Entry = v.InferOutput<typeof manifestSchema>[number];

/**
 * The images of what `docker save` writes, of any docker since 1.10 (docker's image/spec, "Combined Image JSON"); undefined
 * when there is no manifest.json. Layers stay as they are, packed or not; a manifest is made up for each image, which is
 * the same whenever the same archive comes. Throws INVALID_ARCHIVE, INVALID_REFERENCE, DIGEST_MISMATCH.
 */
export async function readDockerArchive(files: ArchiveFiles): Promise<Incoming | undefined> {
  const entries = await readEntries(files);
  if (entries === undefined) return undefined;
  const blobs = new Map<Digest, StagedFile>();
  const documents = new Map<Digest, Buffer>();
  const tops: ArchivedTop[] = [];
  for (const entry of entries) {
    const config = await configOf(files, entry.Config);
    const layers = await Promise.all(entry.Layers.map((name) => fileOf(files, name)));
    for (const file of [config, ...layers]) blobs.set(file.digest, file);
    const { descriptor, bytes } = makeManifest(config, layers);
    documents.set(descriptor.digest, bytes);
    tops.push({ descriptor, names: namesOf(entry), id: config.digest });
  }
  return { tops, file: async (digest) => blobs.get(digest), made: (digest) => documents.get(digest) };
}

/** The names that `manifest.json` gives to image IDs, for layouts that have none of their own. */
export async function namesByID(files: ArchiveFiles): Promise<Map<Digest, string[]>> {
  const names = new Map<Digest, string[]>();
  for (const entry of (await readEntries(files)) ?? []) {
    const config = await configOf(files, entry.Config);
    names.set(config.digest, [...(names.get(config.digest) ?? []), ...namesOf(entry)]);
  }
  return names;
}

async function readEntries(files: ArchiveFiles): Promise<Entry[] | undefined> {
  const bytes = await readDocument(files, 'manifest.json');
  return bytes && checkOf(manifestSchema, bytes, 'manifest.json');
}

function namesOf({ RepoTags }: Entry): string[] {
  return [...new Set(RepoTags.map((name) => formatReference(parseReference(name))))];
}

/** A config is named by its digest, as an image ID is. */
async function configOf(files: ArchiveFiles, name: string): Promise<StagedFile> {
  const hex = /(?:^|\/)([0-9a-f]{64})(?:\.json)?$/.exec(name)?.[1];
  if (hex !== undefined) await verified(files, memberName(name), `sha256:${hex}`);
  return fileOf(files, name);
}

async function fileOf(files: ArchiveFiles, name: string): Promise<StagedFile> {
  const file = await files.stage(memberName(name));
  if (file !== undefined) return file;
  throw invalidArchive(`manifest.json names ${quoted(name)}, which is not there`);
}

function makeManifest(config: StagedFile, layers: StagedFile[]): { descriptor: Descriptor; bytes: Buffer } {
  const mediaType = MEDIA_TYPE.dockerManifest;
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: MEDIA_TYPE.dockerConfig, size: config.size, digest: config.digest },
    layers: layers.map((file) => ({ mediaType: layerType(file), size: file.size, digest: file.digest })),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

function layerType({ path }: StagedFile): string {
  const head = Buffer.alloc(8);
  const fd = openSync(path, 'r');
  const length = readSync(fd, head);
  closeSync(fd);
  const packing = packingOf(head.subarray(0, length));
  return packing === 'none' ? MEDIA_TYPE.dockerLayer : `${MEDIA_TYPE.dockerLayer}.${packing}`;
}
