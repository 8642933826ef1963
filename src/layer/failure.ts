import { GockerError, hasCode } from '../errors.ts';
import type { Applier } from './apply/applier.ts';
import { show } from './bytes.ts';
import { InvalidLayerError } from './error.ts';
import type { LayerJob } from './job.ts';

/** The same error, told of a layer and the entry it is about. Errors that are told already stay as they are. */
export function explain(error: unknown, job: LayerJob, applier: Applier | undefined): unknown {
  if (!(error instanceof Error) || EXPLAINED.has(error)) return error;
  const told = tell(error, subject(job, applier));
  EXPLAINED.add(told);
  return told;
}

const EXPLAINED = new WeakSet<Error>();

function tell(error: Error, what: string): Error {
  if (error instanceof InvalidLayerError)
    return new InvalidLayerError(`${what}: ${error.message}`, error.hint);
  if (error instanceof GockerError && error.code === 'NO_SPACE')
    return new GockerError(error.code, `${what}: ${error.message}`, { hint: error.hint, cause: error });
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) {
    return new GockerError('NO_SPACE', `${what}: no space left on the device`, {
      hint: 'free some space (gocker rmi removes images) or keep images elsewhere with --root',
      cause: error,
    });
  }
  const code = (error as NodeJS.ErrnoException).code;
  const isHost = code !== undefined && /^E[A-Z0-9]+$/.test(code);
  if (!isHost) return error;
  return new GockerError('UNPACK_FAILED', `${what}: ${error.message}`, { hint: HINTS[code], cause: error });
}

const HINTS: Record<string, string> = {
  EPERM: 'unpacking needs root and a file system that keeps owners, modes and devices',
  EACCES: 'unpacking needs root and a file system that keeps owners, modes and devices',
  EROFS: 'the file system is read-only; keep images elsewhere with --root',
  ENAMETOOLONG: 'the file system cannot hold a name that long; keep images elsewhere with --root',
  EMFILE: 'raise the limit of open files (ulimit -n)',
};

function subject({ layer }: LayerJob, applier: Applier | undefined): string {
  const entry = applier?.current();
  return entry === undefined ? `layer ${layer.digest}` : `layer ${layer.digest}: entry ${show(entry)}`;
}
