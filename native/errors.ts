import { constants as osConstants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { GockerError } from '../src/errors.ts';

/** A kernel call that failed. `code` is the errno's name (`ENOENT`), as in Node's own errors. */
export class SyscallError extends GockerError {
  static override readonly kind: string = 'SyscallError';

  constructor(
    /** The call's name: `openat2`. */
    readonly call: string,
    /** The positive errno. */
    readonly errno: number,
    /** What the call was about: a path, a name, an fd. */
    readonly path?: string,
    /** What the kernel said of it in words, beyond the errno. */
    readonly detail?: string,
  ) {
    const text = `${errnoText(errno)}${detail ? `: ${detail}` : ''}`;
    super(errnoName(errno), `${call}${path === undefined ? '' : ` ${path}`}: ${text}`);
  }
}

/** What libuv, and so Node, has no words for. */
const MORE_WORDS: Record<string, string> = { ENOEXEC: 'exec format error' };

/** `ENOENT` for 2. */
export function errnoName(errno: number): string {
  const known = Object.entries(osConstants.errno).find(([, number]) => number === errno);
  return known?.[0] ?? `E${errno}`;
}

/** `no such file or directory` for 2. */
function errnoText(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[1] ?? MORE_WORDS[errnoName(errno)] ?? `error ${errno}`;
}
