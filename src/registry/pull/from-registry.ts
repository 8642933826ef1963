import { DigestMismatchError, GockerError, hasCode } from '../../errors.ts';
import type { Descriptor } from '../../image/types.ts';
import { InvalidLayerError } from '../../layer/error.ts';
import type { LayerJob, LayerResult } from '../../layer/job.ts';
import type { Ingest } from '../../store/ingest.ts';
import { RegistryError } from '../error.ts';
import type { BlobStream } from '../types.ts';
import { report } from './report.ts';
import type { LayerPull } from './types.ts';

/** What is learnt about a layer's sources from one attempt to the next. */
export interface Tries {
  /** Another attempt may do better. */
  again: boolean;
  /** Who served wrong bytes. */
  avoid: Set<string>;
  /** False: all bytes must come from one server, so that it is known whose are wrong. */
  mix: boolean;
  /** What went wrong first; thrown when nobody is left. */
  failure?: GockerError;
}

export function newTries(): Tries {
  return { again: false, avoid: new Set(), mix: true };
}

export interface Attempt {
  job: LayerJob;
  ingest: Ingest;
  tries: Tries;
}

/** What was asked for in an attempt, and who answered. */
interface Asked {
  offset: number;
  blob?: BlobStream;
}

/**
 * Unpacks a layer out of the ingest file, as far as this has it, and from the registry's servers from there on. What has
 * come stays in the ingest file when it fails, unless the bytes are wrong; then `tries.again` tells whether there is
 * somebody else to ask.
 */
export async function fromRegistry(pull: LayerPull, at: number, attempt: Attempt): Promise<LayerResult> {
  const layer = pull.layers[at]!;
  const { job, ingest, tries } = attempt;
  const asked: Asked = { offset: 0 };
  tries.again = false;
  try {
    const { path, notes } = ingest;
    const result = await pull.unpacker.unpack(
      { ...job, ingest: path, notes },
      {
        open: (offset) => open(pull, layer, { tries, asked: Object.assign(asked, { offset }) }),
        onProgress: (current) =>
          report(pull, at, current < layer.size ? 'downloading' : 'unpacking', current),
        signal: pull.signal,
      },
    );
    if (asked.blob !== undefined) pull.sources.set(layer.digest, asked.blob.sources());
    if (asked.offset > 0) pull.kept.set(layer.digest, asked.offset);
    return result;
  } catch (error) {
    asked.blob?.stream.destroy();
    if (error instanceof InvalidLayerError) ingest.discard();
    const lesson = asked.blob && learn(error, asked.blob, { ...attempt, offset: asked.offset });
    if (lesson !== undefined) pull.log?.(`layer ${layer.digest}: ${lesson}`);
    throw naming(layer, error);
  }
}

async function open(
  { client, reference, signal }: LayerPull,
  layer: Descriptor,
  { tries, asked }: { tries: Tries; asked: Asked },
): Promise<AsyncIterable<Buffer>> {
  const { avoid, mix, failure } = tries;
  if (asked.offset === layer.size) return nothing();
  try {
    asked.blob = await client.fetchBlob(reference, layer, { offset: asked.offset, avoid, mix, signal });
    return asked.blob.stream;
  } catch (error) {
    throw failure ?? error;
  }
}

async function* nothing(): AsyncGenerator<Buffer> {}

/**
 * What an attempt that failed teaches for the next, in words; undefined when there is to be none. Of wrong bytes that came
 * from several servers, or partly from an earlier pull, nobody knows whose are wrong: all of them are fetched again.
 */
function learn(
  error: unknown,
  { source, sources }: BlobStream,
  { offset, ingest, tries }: Attempt & { offset: number },
): string | undefined {
  const isTooLong = error instanceof RegistryError && error.code === 'SIZE_MISMATCH' && !error.transient;
  const isWrong = isTooLong || error instanceof DigestMismatchError;
  const isGone = error instanceof RegistryError && !tries.mix && !hasCode(error, 'CANCELLED');
  if (!isWrong && !isGone) return undefined;
  ingest.discard();
  tries.again = true;
  tries.failure ??= error as GockerError;
  const parties = [...(offset > 0 ? ['an earlier pull'] : []), ...sources().map((one) => one.source)];
  if (isWrong && !isTooLong && parties.length > 1) {
    tries.mix = false;
    return `the bytes from ${parties.join(' and ')} do not fit together; all of them are fetched again`;
  }
  tries.avoid.add(source);
  return `${source} ${isWrong ? 'served wrong bytes' : 'broke off'}; it is not asked for this layer any more`;
}

/** What the network did says nothing of the layer it did it to. */
function naming({ digest }: Descriptor, error: unknown): unknown {
  if (!(error instanceof GockerError) || error.message.includes(digest)) return error;
  const { code, message, hint, exitCode } = error;
  return new GockerError(code, `layer ${digest}: ${message}`, { hint, exitCode, cause: error });
}
