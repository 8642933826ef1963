import type { GockerErrorOptions } from '../errors.ts';
import { GockerError } from '../errors.ts';

export interface RegistryErrorOptions extends GockerErrorOptions {
  /** The HTTP status, where there was an answer. */
  status?: number | undefined;
  /** The codes of the answer's body (OCI distribution spec, "Error Codes"), as `MANIFEST_UNKNOWN`. */
  registryCodes?: string[] | undefined;
  /** It may well go better when the same is tried again. */
  transient?: boolean | undefined;
  /** Milliseconds that the server wants to be left alone (RFC 9110 section 10.2.3). */
  retryAfter?: number | undefined;
  /** What was asked; kept without query and user, which may hold secrets. */
  url?: URL | undefined;
}

/** A registry, mirror or token server could not be reached, or said no, or said nonsense. */
export class RegistryError extends GockerError {
  static override readonly kind: string = 'RegistryError';

  readonly status: number | undefined;
  readonly registryCodes: readonly string[];
  readonly transient: boolean;
  readonly retryAfter: number | undefined;
  readonly url: string | undefined;

  constructor(code: string, message: string, options: RegistryErrorOptions = {}) {
    super(code, message, options);
    this.status = options.status;
    this.registryCodes = options.registryCodes ?? [];
    this.transient = options.transient ?? false;
    this.retryAfter = options.retryAfter;
    this.url = options.url && redacted(options.url);
  }
}

/** The address without what may be secret: query, fragment, user and password. */
export function redacted(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
