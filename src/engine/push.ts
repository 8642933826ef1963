import { GockerError, hasCode, NotFoundError, UsageError } from '../errors.ts';
import { parsePlatform } from '../image/platform.ts';
import { quoted } from '../image/printable.ts';
import {
  familiarName,
  familiarRepository,
  formatReference,
  parseReference,
  type Reference,
  repositoryOf,
} from '../image/reference.ts';
import type { Descriptor, Digest } from '../image/types.ts';
import { type BlobProgress, pushImage } from '../registry/push.ts';
import { closureOf } from '../store/closure.ts';
import type { Store } from '../store/layout.ts';
import { type Ref, readRefs } from '../store/refs.ts';
import { resolveImage } from '../store/resolve.ts';
import { complete } from './commit/complete.ts';
import { connect } from './connection.ts';
import type { Parts } from './parts.ts';

export type { BlobProgress } from '../registry/push.ts';

/** Is told how a push goes on. What it starts it has ended when `ended` resolves. */
export interface PushObserver {
  /** `HOST/NAME`, as docker shows it. */
  started(repository: string): void;
  /** What is pushed is known; these of its blobs come next. */
  found(blobs: Descriptor[]): void;
  blob(progress: BlobProgress): void;
  ended(): Promise<void>;
}

export interface PushOptions {
  /** `OS/ARCH[/VARIANT]`: that image of a multi-platform one alone. */
  platform?: string;
  /** Every tag of the repository. */
  allTags?: boolean;
  observer?: PushObserver;
  signal?: AbortSignal;
}

export interface PushedImage {
  tag: string;
  /** Of the manifest or index that the tag names there. */
  digest: Digest;
  /** Its bytes. */
  size: number;
  /** `HOST/NAME:TAG`, as docker shows it. */
  familiarName: string;
}

/**
 * Brings an image of this machine to the registry that its name tells. Throws IMAGE_NOT_FOUND when nothing has that name,
 * INVALID_TARGET for a digest, and what the registry did.
 */
export async function push(parts: Parts, text: string, options: PushOptions): Promise<PushedImage[]> {
  const store = await parts.store();
  const names = options.allTags ? await tagsHere(store, text) : [nameOf(text)];
  const connection = await connect(parts);
  for (const reference of names) {
    await complete(parts, (await findNamed(store, reference, options.platform)).found.image);
  }
  const refs = await readRefs(store);
  const pushed: PushedImage[] = [];
  for (const reference of names) {
    const { observer, signal } = options;
    const { found } = await findNamed(store, reference, options.platform);
    const own = found.image.manifest;
    const top = options.platform === undefined ? found.named.get(formatReference(reference))! : own;
    observer?.started(familiarRepository(reference));
    try {
      const { digest, size } = await pushImage({
        connection,
        store,
        reference,
        top,
        instead: { ...own, platform: found.image.config.platform },
        sourcesOf: sourcesIn(store, refs, reference),
        ...(observer && { onBlobs: observer.found, onProgress: observer.blob }),
        signal,
      });
      pushed.push({ tag: reference.tag!, digest, size, familiarName: familiarName(reference) });
    } finally {
      await observer?.ended();
    }
  }
  return pushed;
}

function nameOf(text: string): Reference {
  const reference = parseReference(text);
  if (reference.digest === undefined) return reference;
  throw new UsageError('INVALID_TARGET', `cannot push ${quoted(text)}: a digest is no place for an image`, {
    hint: 'write NAME:TAG; gocker tag gives the image a name',
  });
}

/** All names of the repository, in the order in which they came. */
async function tagsHere(store: Store, text: string): Promise<Reference[]> {
  const wanted = parseReference(text);
  if (familiarRepository(wanted) !== text && repositoryOf(wanted) !== text) {
    throw new UsageError('INVALID_TARGET', `${quoted(text)} has a tag, and all tags were asked for`, {
      hint: 'leave out one of both',
    });
  }
  const refs = await readRefs(store);
  const names = refs.flatMap(({ name }) => (name === undefined ? [] : [parseReference(name)]));
  const found = names.filter(
    (name) => repositoryOf(name) === repositoryOf(wanted) && name.digest === undefined,
  );
  if (found.length === 0) throw notNamed(wanted);
  return found.map((name) => ({ ...name, ...(wanted.scheme && { scheme: wanted.scheme }) }));
}

async function findNamed(store: Store, reference: Reference, platform: string | undefined) {
  const name = formatReference(reference);
  const wanted = platform === undefined ? undefined : parsePlatform(platform);
  const resolved = await resolveImage(store, name, wanted).catch((error: unknown) => {
    throw hasCode(error, 'IMAGE_NOT_FOUND') && platform === undefined ? notNamed(reference) : error;
  });
  if (resolved.reference === undefined) throw notNamed(reference);
  return resolved;
}

function notNamed(reference: Reference): NotFoundError {
  return new NotFoundError('IMAGE_NOT_FOUND', `no image here is named ${familiarName(reference)}`, {
    hint: `gocker images shows what there is, gocker tag IMAGE ${familiarName(reference)} gives it the name`,
  });
}

/** Which other repositories of the registry have a blob, going by the names that images have here. */
function sourcesIn(
  store: Store,
  refs: readonly Ref[],
  { domain, path }: Reference,
): (digest: Digest) => string[] {
  const known = new Map<Digest, Set<string>>();
  for (const { name, descriptor } of refs) {
    const other = name === undefined ? undefined : parseReference(name);
    if (other?.domain !== domain || other.path === path) continue;
    for (const digest of blobsOf(store, descriptor)) {
      known.set(digest, (known.get(digest) ?? new Set()).add(other.path));
    }
  }
  return (digest) => [...(known.get(digest) ?? [])];
}

/** None when what names them is damaged: it is only about a short cut. */
function blobsOf(store: Store, top: Descriptor): Digest[] {
  try {
    return closureOf(store, top).blobs.map(({ digest }) => digest);
  } catch (error) {
    if (error instanceof GockerError) return [];
    throw error;
  }
}
