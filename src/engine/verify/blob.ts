import { GockerError } from '../../errors.ts';
import { isIndexType } from '../../image/media-type.ts';
import { namesOthers } from '../../image/parts.ts';
import { familiarName, type Reference } from '../../image/reference.ts';
import type { Descriptor } from '../../image/types.ts';
import { manifestBytes } from '../../registry/pull/documents.ts';
import { keepBlob } from '../../registry/pull/others.ts';
import { blobSize, putBlob, removeBlob } from '../../store/blobs.ts';
import { digestOfFile } from '../../store/file-digest.ts';
import { storePaths } from '../../store/layout.ts';
import type { PartStatus, Session, Subject, VerifiedPart } from './types.ts';

/** Reads the whole blob, and fetches it again where that is asked for and needed. Each is looked at once. */
export async function verifyBlob(
  session: Session,
  subject: Subject,
  descriptor: Descriptor & { kind: VerifiedPart['kind'] },
): Promise<VerifiedPart> {
  const { kind, digest } = descriptor;
  const known = session.done.get(digest);
  if (known !== undefined) return known;
  const state = await stateOf(session, descriptor);
  const part: VerifiedPart = { image: subject.image, kind, digest, ...state };
  const isToMend = state.status !== 'sound' && session.repair;
  const outcome = session.report(
    isToMend ? { ...part, ...(await fetchAgain(session, subject, descriptor)) } : part,
  );
  session.done.set(digest, outcome);
  return outcome;
}

interface State {
  status: PartStatus;
  detail?: string;
}

async function stateOf({ store }: Session, { digest, size }: Descriptor): Promise<State> {
  const found = await blobSize(store, digest);
  if (found === undefined) return { status: 'missing' };
  if (found !== size) return { status: 'damaged', detail: `it has ${found} bytes instead of ${size}` };
  const actual = await digestOfFile(storePaths.blob(store, digest));
  return actual === digest ? { status: 'sound' } : { status: 'damaged', detail: `its bytes have ${actual}` };
}

/** From where a name of the image says that it comes from. */
async function fetchAgain(session: Session, subject: Subject, descriptor: Descriptor): Promise<State> {
  let detail = 'no name tells where it came from: pull or load the image again, or remove it with gocker rmi';
  for (const reference of subject.references) {
    try {
      await fetchFrom(session, reference, descriptor);
      return { status: 'repaired', detail: `fetched as ${familiarName(reference)}` };
    } catch (error) {
      if (!(error instanceof GockerError)) throw error;
      detail = `cannot be fetched: ${error.message}`;
    }
  }
  const there = (await blobSize(session.store, descriptor.digest)) !== undefined;
  return { status: there ? 'damaged' : 'missing', detail };
}

async function fetchFrom(session: Session, reference: Reference, descriptor: Descriptor): Promise<void> {
  const { store } = session;
  const client = await session.client();
  const sources = new Map();
  if (namesOthers(descriptor.mediaType)) {
    await putBlob(store, await manifestBytes({ client, store, reference }, descriptor, sources));
    return;
  }
  await removeBlob(store, descriptor.digest);
  await keepBlob({ client, store, reference, sources, signal: new AbortController().signal }, descriptor);
}

/** What a descriptor of a manifest's, or of an index's, stands for. */
export function kindOf(descriptor: Descriptor, role: 'config' | 'layer'): VerifiedPart['kind'] {
  if (isIndexType(descriptor.mediaType)) return 'index';
  return namesOthers(descriptor.mediaType) ? 'manifest' : role;
}
