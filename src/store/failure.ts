import { GockerError, hasCode } from '../errors.ts';

export interface Doing {
  /** What was to be done, as `cannot pull alpine:latest`. */
  cannot: string;
  /** Of the store. */
  root: string;
  /** A message that has this in it says enough. */
  subject?: string;
}

/** The same error, told of what was to be done; what the file system said becomes an answer too. */
export function toldOf(error: unknown, { cannot, root, subject = cannot }: Doing): unknown {
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) {
    return new GockerError('NO_SPACE', `${cannot}: no space left on ${root}`, {
      hint: 'free some space (gocker rmi removes images) or keep images elsewhere with --root',
      cause: error,
    });
  }
  if (error instanceof GockerError) {
    const { code, message, hint, exitCode } = error;
    if (message.includes(subject)) return error;
    return new GockerError(code, `${cannot}: ${message}`, { hint, exitCode, cause: error });
  }
  const { syscall, message } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return error;
  const hint = `see whether ${root} is there, can be written to, and is in order`;
  return new GockerError('STORE_FAILED', `${cannot}: ${message}`, { hint, cause: error });
}
