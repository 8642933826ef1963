import { GockerError } from '../errors.ts';
import { quoted } from './printable.ts';

/** `sha256:` and 64 lower-case hex digits (OCI image spec, descriptor.md "Digests"). */
export type Digest = string & { readonly __brand: 'Digest' };

const SHA256 = /^sha256:[a-f0-9]{64}$/;

/** The digest, or an INVALID_DIGEST error that quotes the text. Nothing else may turn a string into a Digest. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new GockerError('INVALID_DIGEST', `invalid digest ${quoted(text)}`, {
    hint: 'a digest is sha256: and 64 lower-case hex digits',
  });
}

/** True when the text is a well-formed sha256 digest. */
export function isDigest(text: string): text is Digest {
  return SHA256.test(text);
}

/** The 64 hex digits without the algorithm. */
export function hexOf(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** The 12 hex digits that tables show. */
export function shortOf(digest: string): string {
  return hexOf(digest).slice(0, 12);
}
