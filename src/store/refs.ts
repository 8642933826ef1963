import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { hasCode } from '../errors.ts';
import { descriptorSchema } from '../image/descriptor.ts';
import { check, parseJSON } from '../image/json.ts';
import type { Descriptor } from '../image/types.ts';
import { writeFileAtomic } from './atomic.ts';
import { type Store, storePaths } from './layout.ts';
import { withLock } from './lock.ts';

/** What the store keeps at its top: a manifest or index as it was served. Without a name: what a tag has left behind. */
export interface Ref {
  /** As `formatReference` writes it. */
  name?: string;
  descriptor: Descriptor;
}

/** OCI annotations.md. */
const REF_NAME = 'org.opencontainers.image.ref.name';
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
const indexSchema = v.object({ schemaVersion: v.literal(2), manifests: v.array(descriptorSchema) });

/** All refs, in the order in which they came. Takes no lock. Throws INVALID_INDEX when index.json is damaged. */
export async function readRefs(store: Store): Promise<Ref[]> {
  const path = storePaths.index(store);
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
  const index = check(indexSchema, parseJSON(bytes, path), {
    code: 'INVALID_INDEX',
    what: path,
    hint: 'the file is damaged: remove it and pull the images again; layers that are still there are kept',
  });
  return index.manifests.map(fromDescriptor);
}

/** Names a descriptor. What the name stood for before stays, without a name, unless it is the same or named otherwise. */
export async function setRef(store: Store, name: string, descriptor: Descriptor): Promise<void> {
  await updateRefs(store, (refs) => {
    const others = refs.filter(
      (ref) => ref.name !== name && !(ref.name === undefined && isSame(ref, { descriptor })),
    );
    const before = refs.find((ref) => ref.name === name);
    const isLost = before && !isSame(before, { descriptor }) && !others.some((ref) => isSame(ref, before));
    return [...others, ...(isLost ? [{ descriptor: before.descriptor }] : []), { name, descriptor }];
  });
}

/** Keeps a descriptor though it may have no name. */
export async function keepRef(store: Store, descriptor: Descriptor): Promise<void> {
  await updateRefs(store, (refs) =>
    refs.some((ref) => isSame(ref, { descriptor })) ? refs : [...refs, { descriptor }],
  );
}

/** Takes names away. What they stood for stays, without a name when it has no other. */
export async function dropRefs(store: Store, names: readonly string[]): Promise<void> {
  await updateRefs(store, (refs) => {
    const isDropped = ({ name }: Ref) => name !== undefined && names.includes(name);
    const left = refs.filter((ref) => !isDropped(ref));
    for (const { descriptor } of refs.filter(isDropped)) {
      if (!left.some((ref) => isSame(ref, { descriptor }))) left.push({ descriptor });
    }
    return left;
  });
}

/** Replaces the refs by what `change` makes of them, alone among all processes and in one step. */
export async function updateRefs(store: Store, change: (refs: Ref[]) => Ref[]): Promise<void> {
  await withLock(store.syscalls, storePaths.lock(store, 'index'), async () => {
    const manifests = change(await readRefs(store)).map(toDescriptor);
    const index = { schemaVersion: 2, mediaType: INDEX_TYPE, manifests };
    await writeFileAtomic(storePaths.index(store), JSON.stringify(index));
  });
}

function isSame(one: Ref, other: Ref): boolean {
  return one.descriptor.digest === other.descriptor.digest;
}

function fromDescriptor({ annotations, ...descriptor }: Descriptor): Ref {
  const { [REF_NAME]: name, ...rest } = annotations ?? {};
  const kept = Object.keys(rest).length > 0 ? { ...descriptor, annotations: rest } : descriptor;
  return name === undefined ? { descriptor: kept } : { name, descriptor: kept };
}

function toDescriptor({ name, descriptor }: Ref): Descriptor {
  if (name === undefined) return descriptor;
  return { ...descriptor, annotations: { ...descriptor.annotations, [REF_NAME]: name } };
}
