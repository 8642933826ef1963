import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { GockerError, hasCode } from '../errors.ts';
import { descriptorSchema } from '../image/descriptor.ts';
import { check, parseJSON } from '../image/json.ts';
import type { Descriptor } from '../image/types.ts';
import { writeFileAtomic } from './atomic.ts';
import { type Store, storePaths } from './layout.ts';
import { withLock } from './lock.ts';
import { namesIn } from './names-in.ts';

/** What the store keeps at its top: a manifest or index as it was served. Without a name: what a tag has left behind. */
export interface Ref {
  /** As `formatReference` writes it. */
  name?: string;
  descriptor: Descriptor;
}

/** OCI annotations.md. */
const REF_NAME = 'org.opencontainers.image.ref.name';
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
/** A name or a digest that has changed by chance must not lead to another image. */
const CHECKSUM = 'io.gocker.manifests.sha256';
const indexSchema = v.object({
  schemaVersion: v.literal(2),
  manifests: v.array(descriptorSchema),
  annotations: v.exactOptional(v.record(v.string(), v.string())),
});

/** All refs, in the order in which they came. Takes no lock. Throws INVALID_INDEX when index.json is damaged or missing. */
export async function readRefs(store: Store): Promise<Ref[]> {
  const path = storePaths.index(store);
  const bytes = readIfThere(path);
  if (bytes !== undefined) return parseRefs(bytes, path);
  if (readIfThere(storePaths.indexCopy(store)) === undefined) return [];
  throw new GockerError('INVALID_INDEX', `${path} is missing`, { hint: MEND });
}

const MEND = 'put its last copy back with: gocker image verify --repair';

function parseRefs(bytes: Buffer, path: string): Ref[] {
  const what = { code: 'INVALID_INDEX', what: path, hint: MEND };
  try {
    const json = parseJSON(bytes, path);
    const { manifests, annotations } = check(indexSchema, json, what);
    const sum = annotations?.[CHECKSUM];
    if (sum !== undefined && sum !== checksum((json as { manifests: unknown }).manifests))
      throw new GockerError('INVALID_INDEX', `${path} is damaged, or another program has written into it`);
    return manifests.map(fromDescriptor);
  } catch (error) {
    if (!(error instanceof GockerError)) throw error;
    throw new GockerError('INVALID_INDEX', error.message, { hint: MEND, cause: error });
  }
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function checksum(manifests: unknown): string {
  return createHash('sha256').update(JSON.stringify(manifests)).digest('hex');
}

/** True when the copy of index.json is as that is; else it is made so. Throws INVALID_INDEX when index.json is damaged. */
export async function renewCopy(store: Store, repair: boolean): Promise<boolean> {
  const bytes = readIfThere(storePaths.index(store)) ?? Buffer.from('');
  if (readIfThere(storePaths.indexCopy(store))?.equals(bytes) ?? bytes.length === 0) return true;
  if (repair) await updateRefs(store, (refs) => refs);
  return false;
}

/** Puts the copy of index.json back, which is as it was written last. Throws INVALID_INDEX when that is damaged too. */
export async function restoreRefs(store: Store): Promise<void> {
  await withLock(store.syscalls, storePaths.lock(store, 'index'), async () => {
    const path = storePaths.indexCopy(store);
    const bytes = readIfThere(path) ?? Buffer.from('');
    parseRefs(bytes, path);
    dropTemporary(store);
    await writeFileAtomic(storePaths.index(store), bytes);
  });
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
    const annotations = { [CHECKSUM]: checksum(manifests) };
    const index = JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests, annotations });
    dropTemporary(store);
    await writeFileAtomic(storePaths.index(store), index);
    await writeFileAtomic(storePaths.indexCopy(store), index, { durable: false });
  });
}

/** What writers left that were killed: who holds the lock is the only one alive. */
function dropTemporary({ root }: Store): void {
  const left = namesIn(root).filter((name) => /^index\..*\.tmp$/.test(name));
  for (const name of left) rmSync(join(root, name), { force: true });
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
