import { GockerError } from '../errors.ts';

const MALFORMED = 'it is damaged or was not made by save: make it again where it comes from';

/** INVALID_ARCHIVE: what cannot be taken in because of what is in it. */
export function invalidArchive(message: string, hint = MALFORMED): GockerError {
  return new GockerError('INVALID_ARCHIVE', message, { hint });
}
