import { getSystemErrorMap, getSystemErrorName } from 'node:util';
import { GockerError } from '../src/errors.ts';

/** A kernel call that failed. `code` is the errno's name (`ENOENT`), as in Node's own errors. */
export class SyscallError extends GockerError {
  constructor(
    /** The call's name: `openat2`. */
    readonly call: string,
    /** The positive errno. */
    readonly errno: number,
    /** What the call was about: a path, a name, an fd. */
    readonly path?: string,
  ) {
    super(errnoName(errno), `${call}${path === undefined ? '' : ` ${path}`}: ${errnoText(errno)}`);
  }
}

/** `ENOENT` for 2. */
export function errnoName(errno: number): string {
  return getSystemErrorName(-errno);
}

/** `no such file or directory` for 2. */
export function errnoText(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[1] ?? `error ${errno}`;
}
