import * as v from 'valibot';
import { descriptorSchema } from '../image/descriptor.ts';
import { check, nullFree, parseJSON } from '../image/json.ts';
import { formatReference, parseReference } from '../image/reference.ts';
import type { Descriptor } from '../image/types.ts';
import { invalidArchive } from './error.ts';
import type { ArchiveFiles } from './files.ts';
import { type ArchivedTop, blobName, type Incoming, readDocument, verified } from './incoming.ts';

/** OCI annotations.md; what containerd and docker write for the whole name. */
export const REF_NAME = 'org.opencontainers.image.ref.name';
export const IMAGE_NAME = 'io.containerd.image.name';

const layoutSchema = nullFree({ imageLayoutVersion: v.pipe(v.string(), v.regex(/^1\./, 'not version 1')) });
const indexSchema = nullFree({ manifests: v.array(descriptorSchema) });

/**
 * The images of an OCI image layout (image-layout.md); undefined when there is no index.json. Throws INVALID_ARCHIVE,
 * INVALID_JSON and, for a name that is none, INVALID_REFERENCE.
 */
export async function readLayout(files: ArchiveFiles): Promise<Incoming | undefined> {
  const bytes = await readDocument(files, 'index.json');
  if (bytes === undefined) return undefined;
  const layout = await readDocument(files, 'oci-layout');
  if (layout === undefined) throw invalidArchive('it has an index.json but no oci-layout');
  checkOf(layoutSchema, layout, 'oci-layout');
  const { manifests } = checkOf(indexSchema, bytes, 'index.json');
  return {
    tops: merge(manifests.map(topOf)),
    file: (digest) => verified(files, blobName(digest), digest),
    made: () => undefined,
  };
}

export function checkOf<S extends v.GenericSchema>(schema: S, bytes: Buffer, what: string): v.InferOutput<S> {
  return check(schema, parseJSON(bytes, what), { code: 'INVALID_ARCHIVE', what });
}

function topOf({ annotations = {}, ...descriptor }: Descriptor): ArchivedTop {
  const name = annotations[IMAGE_NAME] ?? annotations[REF_NAME];
  const isName = name !== undefined && /[/:@]/.test(name);
  return { descriptor, names: isName ? [formatReference(parseReference(name))] : [] };
}

/** The same image under several names is told once for each. */
function merge(tops: ArchivedTop[]): ArchivedTop[] {
  const merged = new Map<string, ArchivedTop>();
  for (const { descriptor, names } of tops) {
    const known = merged.get(descriptor.digest);
    merged.set(descriptor.digest, { descriptor, names: [...new Set([...(known?.names ?? []), ...names])] });
  }
  return [...merged.values()];
}
