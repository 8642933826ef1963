/**
 * The one error family that reaches a person.
 *
 * A message is lower case, carries the value it is about and ends without a full stop; the hint says what to do
 * next. A plain `Error` anywhere in gocker is a bug, a `GockerError` is an answer.
 */

/** docker's exit codes for what the engine itself reports (docker run reference, "Exit status"). */
export const EXIT = {
  /** A command other than run, create, start and exec failed. */
  FAILURE: 1,
  /** run, create, start or exec failed before the program ran. */
  ENGINE: 125,
  /** The program was found but cannot be run. */
  NOT_EXECUTABLE: 126,
  /** The program was not found. */
  NOT_FOUND: 127,
  /** Added to the number of the signal that killed the program. */
  SIGNAL_BASE: 128,
} as const;

export interface GockerErrorOptions {
  /** What the reader can do next, one sentence or one command. */
  hint?: string | undefined;
  /** The process's exit code; without one the command chooses (125 for run and exec, 1 elsewhere). */
  exitCode?: number | undefined;
  cause?: unknown;
}

/** An error made for a person: `code` is for programs, `message` and `hint` are for eyes. */
export class GockerError extends Error {
  readonly hint: string | undefined;
  readonly exitCode: number | undefined;

  constructor(
    readonly code: string,
    message: string,
    options: GockerErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
    this.exitCode = options.exitCode;
  }
}

/** Something named by the user does not exist. */
export class NotFoundError extends GockerError {}

/** The request contradicts the present state: a name in use, an image that a container needs. */
export class ConflictError extends GockerError {}

/** What the user typed cannot be understood. */
export class UsageError extends GockerError {}

/** A driver cannot work on this host; the hint says what is missing. */
export class DriverUnavailableError extends GockerError {}

/** Bytes are not what their digest or size promised. */
export class DigestMismatchError extends GockerError {
  constructor(
    what: string,
    readonly expected: string,
    readonly found: string,
    options: GockerErrorOptions = {},
  ) {
    super('DIGEST_MISMATCH', `${what}: expected ${expected}, found ${found}`, options);
  }
}

/** True for an Error of Node's or ours that carries the given code (`ENOENT`, `EEXIST`, ...). */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? '');
}
