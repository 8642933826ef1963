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

/** Under this key an error keeps the names of its classes. */
const KINDS = Symbol.for('gocker.error');

/**
 * An error made for a person: `code` is for programs, `message` and `hint` are for eyes. `instanceof` goes by the names of
 * the classes, since a driver may bring a copy of this module of its own.
 */
export class GockerError extends Error {
  static readonly kind: string = 'GockerError';
  readonly [KINDS]: string[];
  readonly hint: string | undefined;
  readonly exitCode: number | undefined;

  constructor(
    readonly code: string,
    message: string,
    options: GockerErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this[KINDS] = kindsOf(new.target);
    this.hint = options.hint;
    this.exitCode = options.exitCode;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    const kinds = (value as { [KINDS]?: unknown } | null | undefined)?.[KINDS];
    // biome-ignore lint/complexity/noThisInStatic: the class that is asked about, which may be a subclass
    return Array.isArray(kinds) && kinds.includes(this.kind);
  }
}

function kindsOf(type: typeof GockerError): string[] {
  const above = Object.getPrototypeOf(type) as typeof GockerError;
  return type === GockerError ? [type.kind] : [type.kind, ...kindsOf(above)];
}

/** Something named by the user does not exist. */
export class NotFoundError extends GockerError {
  static override readonly kind: string = 'NotFoundError';
}

/** The request contradicts the present state: a name in use, an image that a container needs. */
export class ConflictError extends GockerError {
  static override readonly kind: string = 'ConflictError';
}

/** What the user typed cannot be understood. */
export class UsageError extends GockerError {
  static override readonly kind: string = 'UsageError';
}

/** A driver cannot work on this host; the hint says what is missing. */
export class DriverUnavailableError extends GockerError {
  static override readonly kind: string = 'DriverUnavailableError';
}

/** Bytes are not what their digest or size promised. */
export class DigestMismatchError extends GockerError {
  static override readonly kind: string = 'DigestMismatchError';

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
