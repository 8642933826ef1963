import { GockerError } from '../../errors.ts';
import type { Descriptor } from '../../image/types.ts';
import { digestOfFile } from '../../store/file-digest.ts';
import { type Store, storePaths } from '../../store/layout.ts';
import { RegistryError } from '../error.ts';
import { ask, begin, type Session } from './session.ts';
import type { BlobProgress, Destination } from './types.ts';
import { uploadBlob } from './upload.ts';

export interface BlobPush {
  destination: Destination;
  store: Store;
  blob: Descriptor;
  /** Repositories of the same registry that may have it. */
  sources: readonly string[];
  report(progress: Pick<BlobProgress, 'phase'> & Partial<BlobProgress>): void;
}

/** More of them are not asked for one blob. */
const MAX_SOURCES = 2;

/** Brings one blob to a repository: not at all when it is there, out of another repository, or by sending it. */
export async function pushBlob(push: BlobPush): Promise<void> {
  const { destination, store, blob, report } = push;
  const { connection, endpoint } = destination;
  const what = `blob ${blob.digest}`;
  const isThere = () => retrying(destination, () => hasBlobThere(destination, blob));
  if (await isThere()) return report({ phase: 'exists' });
  const mounted = await mount(push, what);
  if (typeof mounted === 'string') return report({ phase: 'mounted', from: mounted });
  const source = {
    path: storePaths.blob(store, blob.digest),
    what,
    host: new URL(endpoint.base).host,
    progress: connection.timeouts.progress,
    onProgress: (current: number) => report({ phase: 'pushing', current }),
  };
  await uploadBlob({ destination, blob, source, session: mounted, isThere }).catch(async (error: unknown) => {
    throw await explainMismatch(push, error);
  });
  report({ phase: 'pushed' });
}

/** Bytes that do not have their digest: either they are damaged here, or they were on their way. */
async function explainMismatch({ store, blob }: BlobPush, error: unknown): Promise<unknown> {
  if (!(error instanceof RegistryError) || !error.registryCodes.includes('DIGEST_INVALID')) return error;
  const found = await digestOfFile(storePaths.blob(store, blob.digest));
  const isSound = found === blob.digest;
  return new GockerError(
    'DIGEST_MISMATCH',
    isSound
      ? `blob ${blob.digest} was changed on its way`
      : `blob ${blob.digest} in ${store.root}: its bytes have ${found}`,
    {
      hint: isSound
        ? 'something between here and the registry changes what is sent; try another way'
        : 'the file was changed or damaged; remove the image, and pull it again',
      cause: error,
    },
  );
}

/** HEAD, as everybody asks. A refusal comes without words; the upload that follows is refused with some. */
async function hasBlobThere(destination: Destination, { digest }: Descriptor): Promise<boolean> {
  const path = `blobs/${digest}`;
  const accept = [200, 404, 401, 403, 405];
  const { status } = await ask(destination, { what: `blob ${digest}`, path, method: 'HEAD', accept });
  return status === 200;
}

/** The repository that the blob was taken from, or an upload that was begun instead. */
async function mount(
  { destination, blob, sources }: BlobPush,
  what: string,
): Promise<string | Session | undefined> {
  let session: Session | undefined;
  for (const from of sources.slice(0, MAX_SOURCES)) {
    try {
      const mounting = { digest: blob.digest, from };
      session = await retrying(destination, () => begin(destination, what, mounting));
      if (session === undefined) return from;
    } catch (error) {
      // Whoever may not read there, or whose registry knows nothing of this, sends the blob.
      if (!(error instanceof RegistryError) || error.status === undefined || error.transient) throw error;
    }
  }
  return session;
}

function retrying<T>({ connection, signal }: Destination, work: () => Promise<T>): Promise<T> {
  return connection.retry(work, { signal });
}
