import { GockerError } from '../errors.ts';
import { InvalidLayerError } from '../layer/error.ts';
import { type Doing, toldOf } from '../store/failure.ts';

const MALFORMED = 'it is damaged or was not made by save: make it again where it comes from';

const DAMAGED = 'it is damaged, cut short, or no tar archive';

/** INVALID_ARCHIVE: what cannot be taken in because of what is in it. */
export function invalidArchive(message: string, hint = MALFORMED): GockerError {
  return new GockerError('INVALID_ARCHIVE', message, { hint });
}

/** What went wrong with an archive, told of what was to be done. What its bytes did wrong is INVALID_ARCHIVE. */
export function failureOf(error: unknown, doing: Doing): unknown {
  if (!(error instanceof InvalidLayerError)) return toldOf(error, doing);
  const hint = error.hint?.includes('malformed') ? DAMAGED : error.hint;
  return toldOf(invalidArchive(error.message, hint), doing);
}
