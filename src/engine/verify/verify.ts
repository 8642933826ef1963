import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GockerError, hasCode } from '../../errors.ts';
import { familiarName, parseReference } from '../../image/reference.ts';
import type { Digest } from '../../image/types.ts';
import { createUnpacker } from '../../layer/unpacker.ts';
import { clientOf } from '../../registry/client.ts';
import type { RegistryClient } from '../../registry/types.ts';
import { writeFileAtomic } from '../../store/atomic.ts';
import { listBlobs, removeBlob } from '../../store/blobs.ts';
import { digestOfFile } from '../../store/file-digest.ts';
import { presentImages } from '../../store/images.ts';
import { markPull } from '../../store/ingest.ts';
import { OCI_LAYOUT, type Store, storePaths } from '../../store/layout.ts';
import { type Ref, readRefs, renewCopy, restoreRefs } from '../../store/refs.ts';
import { notFound, resolveImage } from '../../store/resolve.ts';
import { connect } from '../connection.ts';
import type { Parts } from '../parts.ts';
import { verifyClosure } from './image.ts';
import type { Session, Subject, VerifiedPart, VerifyOptions } from './types.ts';
import { verifyUnpacked } from './unpacked.ts';

/**
 * Every blob and every unpacked layer of the images that are named, or of all and the store's own files, against their
 * digests. With `repair` what is not sound is fetched again or unpacked again. Throws IMAGE_NOT_FOUND.
 */
export async function verifyImages(
  parts: Parts,
  names: readonly string[],
  options: VerifyOptions,
): Promise<VerifiedPart[]> {
  const store = await parts.store();
  const mark = await markPull(store);
  const unpacker = createUnpacker();
  const found: VerifiedPart[] = [];
  try {
    const session = await open(parts, { found, options, mark, unpacker });
    const all = names.length === 0;
    if (all) await verifyLayout(session);
    const refs = await readList(session);
    const chosen = all ? refs : await Promise.all(names.map((name) => refsOf(store, refs, name)));
    for (const ref of new Set((chosen ?? []).flat())) await verifyRef(session, ref, refs!);
    if (all && refs !== undefined) await verifyRest(session);
    return found;
  } finally {
    await unpacker.close();
    mark.done();
  }
}

interface Opening extends Pick<Session, 'mark' | 'unpacker'> {
  found: VerifiedPart[];
  options: VerifyOptions;
}

async function open(parts: Parts, { found, options, ...rest }: Opening): Promise<Session> {
  let client: Promise<RegistryClient> | undefined;
  return {
    ...rest,
    parts,
    store: await parts.store(),
    driver: await parts.storage(),
    repair: options.repair ?? false,
    done: new Map(),
    client: () => {
      client ??= connect(parts).then(clientOf);
      return client;
    },
    report(part) {
      found.push(part);
      options.onPart?.(part);
      return part;
    },
  };
}

/** `oci-layout` is for other tools alone, and always the same. */
async function verifyLayout({ store, repair, report }: Session): Promise<void> {
  const path = join(store.root, 'oci-layout');
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  const part = { image: '', kind: 'layout' as const, digest: '' };
  if (text === OCI_LAYOUT) report({ ...part, status: 'sound' });
  else if (repair) {
    await writeFileAtomic(path, OCI_LAYOUT);
    report({ ...part, status: 'repaired' });
  } else report({ ...part, status: text === undefined ? 'missing' : 'damaged', detail: path });
}

/** The names of the images; undefined when they cannot be read. */
async function readList({ store, repair, report }: Session): Promise<Ref[] | undefined> {
  const part = { image: '', kind: 'list' as const, digest: '' };
  let detail: string;
  try {
    const refs = await readRefs(store);
    const isSame = await renewCopy(store, repair);
    const detail = 'the copy of index.json is not like it';
    report(
      isSame ? { ...part, status: 'sound' } : { ...part, status: repair ? 'repaired' : 'damaged', detail },
    );
    return refs;
  } catch (error) {
    if (!(error instanceof GockerError)) throw error;
    detail = error.message;
  }
  try {
    if (!repair) throw new GockerError('INVALID_INDEX', detail);
    await restoreRefs(store);
    report({ ...part, status: 'repaired', detail: `${detail}; its last copy is back` });
    return await readRefs(store);
  } catch (error) {
    if (!(error instanceof GockerError)) throw error;
    report({ ...part, status: 'damaged', detail: error.message });
    return undefined;
  }
}

/** Damaged images are named by their names alone. */
async function refsOf(store: Store, refs: Ref[] | undefined, text: string): Promise<Ref[]> {
  const named = (refs ?? []).filter(({ name }) => name !== undefined && isNamed(name, text));
  if (named.length > 0) return named;
  if (refs === undefined) throw notFound(text);
  const { found } = await resolveImage(store, text);
  const tops = new Set(found.tops.map(({ digest }) => digest));
  return refs.filter(({ descriptor }) => tops.has(descriptor.digest));
}

function isNamed(name: string, text: string): boolean {
  try {
    return familiarName(parseReference(text)) === familiarName(parseReference(name));
  } catch (error) {
    if (error instanceof GockerError) return false;
    throw error;
  }
}

async function verifyRef(session: Session, { name, descriptor }: Ref, refs: Ref[]): Promise<void> {
  const same = refs.filter((ref) => ref.descriptor.digest === descriptor.digest);
  const references = same.flatMap((ref) => (ref.name === undefined ? [] : parseReference(ref.name)));
  const image = name === undefined ? descriptor.digest : familiarName(parseReference(name));
  const subject: Subject = { image, references };
  await verifyClosure(session, subject, descriptor);
  for (const one of imagesOf(session, { descriptor })) await verifyUnpacked(session, subject, one);
}

/** None where a document is not sound: its layers are not known. */
function imagesOf({ store }: Session, { descriptor }: Ref) {
  try {
    return presentImages(store, descriptor);
  } catch (error) {
    if (error instanceof GockerError) return [];
    throw error;
  }
}

/** Blobs that no name leads to; a damaged one is of no use to anybody. */
async function verifyRest({ store, done, repair, report }: Session): Promise<void> {
  for (const digest of (await listBlobs(store)).filter((one) => !done.has(one))) {
    const actual = await digestOfFile(storePaths.blob(store, digest as Digest));
    if (actual !== digest && repair) await removeBlob(store, digest);
    const status = actual === digest ? 'sound' : repair ? 'repaired' : 'damaged';
    report({ image: '', kind: 'blob', digest, status, ...(status === 'repaired' && { detail: 'removed' }) });
  }
}
