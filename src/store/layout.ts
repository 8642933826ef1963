import { readFileSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Syscalls } from '../../native/syscalls.ts';
import { GockerError, hasCode } from '../errors.ts';
import { type Digest, hexOf } from '../image/digest.ts';
import { writeFileAtomic } from './atomic.ts';

/** The image store below gocker's root: an OCI image layout (OCI image-layout.md) and what is on its way into it. */
export interface Store {
  /** Absolute. */
  root: string;
  syscalls: Syscalls;
}

/** Raised when something on disk changes its meaning. */
const LAYOUT_VERSION = 1;
/** The whole of the file `oci-layout`. */
export const OCI_LAYOUT = JSON.stringify({ imageLayoutVersion: '1.0.0' });

export const storePaths = {
  blobs: (store: Store) => join(store.root, 'blobs', 'sha256'),
  blob: (store: Store, digest: Digest) => join(store.root, 'blobs', 'sha256', hexOf(digest)),
  index: (store: Store) => join(store.root, 'index.json'),
  /** What index.json was last, for when it is damaged: what it named must not be taken for garbage. */
  indexCopy: (store: Store) => join(store.root, 'index.copy.json'),
  ingest: ({ root }: Pick<Store, 'root'>) => join(root, 'ingest'),
  /** What is known of layers that were made here. */
  deferred: (store: Store) => join(store.root, 'deferred'),
  /** An empty directory to mount on, each thread in a mount namespace of its own. */
  mountPoint: (store: Store) => join(store.root, 'mnt'),
  /** One file per lock, never removed. */
  lock: (store: Store, name: string) => join(store.root, 'locks', `${name}.lock`),
  /** The storage driver's own folder. */
  storage: (root: string, driver: string) => join(root, 'storage', driver),
  version: (root: string) => join(root, 'version'),
};

/**
 * Opens the store, and makes it where there is none. Only root's own may look inside (mode 0700), whatever the umask.
 * Throws UNSUPPORTED_LAYOUT when a newer gocker wrote it.
 */
export async function openStore(root: string, syscalls: Syscalls): Promise<Store> {
  const store = { root, syscalls };
  if (!hasCurrentVersion(root)) await makeStore(store);
  return store;
}

async function makeStore(store: Store): Promise<void> {
  await mkdir(store.root, { recursive: true, mode: 0o700 });
  await chmod(store.root, 0o700);
  const { blobs, ingest, mountPoint } = storePaths;
  for (const folder of [blobs(store), ingest(store), mountPoint(store), join(store.root, 'locks')]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  await writeFileAtomic(join(store.root, 'oci-layout'), OCI_LAYOUT);
  await writeFileAtomic(storePaths.version(store.root), `${LAYOUT_VERSION}\n`);
}

/** False when nothing was made there yet. */
function hasCurrentVersion(root: string): boolean {
  const path = storePaths.version(root);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
  const version = Number(text.trim());
  if (version === LAYOUT_VERSION) return true;
  if (!/^\d+$/.test(text.trim())) throw damagedVersion(path);
  throw new GockerError(
    'UNSUPPORTED_LAYOUT',
    `${path} says version ${text.trim().slice(0, 20)}, this gocker knows ${LAYOUT_VERSION}`,
    {
      hint: 'a newer gocker wrote it: upgrade this one, or use another --root',
    },
  );
}

function damagedVersion(path: string): GockerError {
  return new GockerError('UNSUPPORTED_LAYOUT', `${path} is damaged: it holds no version`, {
    hint: `if no newer gocker has been at work there: echo ${LAYOUT_VERSION} > ${path}`,
  });
}
