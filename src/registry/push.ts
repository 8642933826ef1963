import { GockerError, hasCode } from '../errors.ts';
import { isConfigType } from '../image/media-type.ts';
import { formatPlatform } from '../image/platform.ts';
import { familiarName } from '../image/reference.ts';
import type { Descriptor } from '../image/types.ts';
import { type Closure, closureOf } from '../store/closure.ts';
import { inParallel } from './parallel.ts';
import { pushBlob } from './push/blob.ts';
import { findDestination } from './push/destination.ts';
import { putManifest } from './push/manifest.ts';
import { findMissing, incomplete } from './push/missing.ts';
import type { BlobProgress, Destination, PushOptions } from './push/types.ts';

export type { BlobPhase, BlobProgress, PushOptions } from './push/types.ts';

/** Blobs under way at once; as many as docker sends. */
const UPLOADS = 5;

/**
 * Brings an image, or an index with all its images, to a registry as it is: every document and blob keeps its bytes and
 * digest. What is there already is not sent; the tag comes last. Resolves to what the tag names there now. Of an index that
 * is neither here nor there as a whole, only one image goes. All errors are GockerErrors that name the image.
 */
export async function pushImage(options: PushOptions): Promise<Descriptor> {
  try {
    return await push(options);
  } catch (error) {
    throw about(error, options);
  }
}

async function push(options: PushOptions): Promise<Descriptor> {
  const { store, top, reference } = options;
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const whole = closureOf(store, top);
  const destination = await findDestination(options, whole.blobs, signal);
  const closure = await completeOne(options, whole, destination);
  const shown = closure.blobs.filter(({ mediaType }) => !isConfigType(mediaType));
  options.onBlobs?.(shown);
  for (const blob of shown) report(options, blob, { phase: 'waiting' });
  const largestFirst = [...closure.blobs].sort((one, other) => other.size - one.size);
  await inParallel(largestFirst, { limit: UPLOADS, stop }, (blob) => pushOne(options, destination, blob));
  const tagged = closure.documents.pop()!;
  for (const document of closure.documents) {
    await putManifest(destination, document, document.descriptor.digest);
  }
  await putManifest(destination, tagged, reference.tag!);
  return tagged.descriptor;
}

/** All that was asked for or, when not all of it is to be had, one image of it. */
async function completeOne(
  { store, top, instead, connection, reference }: PushOptions,
  whole: Closure,
  destination: Destination,
): Promise<Closure> {
  const missing = await findMissing(whole, destination);
  if (missing === undefined) return whole;
  if (instead.digest === top.digest) throw incomplete(missing);
  const one = closureOf(store, instead);
  if (one.missing[0] !== undefined) throw incomplete(one.missing[0]);
  const { platform } = instead;
  const what = platform === undefined ? instead.digest : formatPlatform(platform);
  connection.log(
    `${familiarName(reference)}: only ${what} is pushed, since not all platforms are here; gocker pull --all-platforms gets them`,
  );
  return one;
}

function pushOne(options: PushOptions, destination: Destination, blob: Descriptor): Promise<void> {
  const isShown = !isConfigType(blob.mediaType);
  return pushBlob({
    destination,
    store: options.store,
    blob,
    sources: options.sourcesOf(blob.digest).filter((from) => destination.push.from.includes(from)),
    report: (progress) => isShown && report(options, blob, progress),
  });
}

function report(
  { onProgress }: PushOptions,
  { digest, size }: Descriptor,
  progress: Pick<BlobProgress, 'phase'> & Partial<BlobProgress>,
): void {
  const isOver = progress.phase !== 'waiting' && progress.phase !== 'pushing';
  onProgress?.({ digest, current: isOver ? size : 0, total: size, ...progress });
}

/** The same error with the image's name in it. */
function about(error: unknown, { reference }: PushOptions): unknown {
  if (hasCode(error, 'CANCELLED') || !(error instanceof GockerError)) return error;
  const name = familiarName(reference);
  const { code, message, hint, exitCode } = error;
  return new GockerError(code, `cannot push ${name}: ${message}`, { hint, exitCode, cause: error });
}
