/** The contract between the registry client and whoever pulls. */

import type { Reference } from '../image/reference.ts';
import type { Descriptor, Digest } from '../image/types.ts';

/** A manifest or index exactly as it was served; size, digest and media type are checked, the JSON is not yet parsed. */
export interface FetchedManifest {
  descriptor: Descriptor;
  bytes: Buffer;
  /** Which endpoint answered, `scheme://host[:port]`; for "who served what". */
  source: string;
}

/** How many bytes of a blob came from where. */
export interface BlobSource {
  source: string;
  bytes: number;
}

/** The rest of a blob over one connection. */
export interface BlobPart {
  /** Plain bytes of the blob, never decoded, never more than `descriptor.size`: the stream fails past it. */
  stream: NodeJS.ReadableStream & AsyncIterable<Buffer> & { destroy(error?: Error): unknown };
  /** The first byte's place in the blob. */
  offset: number;
  /** Who is serving it now; once it has ended, who served the last of it. */
  readonly source: string;
}

/**
 * A blob on its way, from the byte that was asked for: where a connection breaks, the client goes on by itself. The
 * consumer verifies the digest; destroying the stream closes the connection.
 */
export interface BlobStream extends BlobPart {
  /** Who has served how much so far, in the order of their first bytes; one alone unless somebody broke off. */
  sources(): BlobSource[];
}

export interface FetchOptions {
  signal?: AbortSignal;
}

export interface BlobOptions extends FetchOptions {
  /** Where to go on with; below `descriptor.size`. A server that cannot do ranges costs the bytes before it. */
  offset?: number;
  /** Endpoints that served wrong bytes for this blob already and are passed over. */
  avoid?: ReadonlySet<string>;
  /**
   * False: whoever serves the first byte serves all, or it fails. For another try after bytes from several servers did
   * not make the digest, and nobody knows whose were wrong.
   */
  mix?: boolean;
}

/** Reads from registries; every request is bounded in time, size and redirects. All errors are GockerErrors. */
export interface RegistryClient {
  /** The manifest or index that a tag (or, when `digest` is given, a digest) names; mirrors first, in order. */
  fetchManifest(reference: Reference, digest?: Digest, options?: FetchOptions): Promise<FetchedManifest>;
  /** Opens a blob of the repository; mirrors first, in order. */
  fetchBlob(reference: Reference, descriptor: Descriptor, options?: BlobOptions): Promise<BlobStream>;
}
