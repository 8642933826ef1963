import type { Route } from './agents.ts';
import type { ShownCertificate } from './certificate.ts';

/** What a raw network error does not say about itself. */
export interface Circumstances {
  route: Route;
  /** What the server showed in its handshake. */
  certificate: ShownCertificate | undefined;
}

const noted = new WeakMap<Error, Circumstances>();

export function noteCircumstances(error: Error, circumstances: Circumstances): void {
  noted.set(error, circumstances);
}

export function circumstancesOf(error: Error): Circumstances | undefined {
  return noted.get(error);
}

const DISTRUST =
  /^(UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT)$/;

/** True when a server's certificate was issued by somebody who is not known (X509_V_ERR codes of OpenSSL). */
export function isDistrust(error: unknown): boolean {
  return error instanceof Error && DISTRUST.test((error as NodeJS.ErrnoException).code ?? '');
}
