/** What a copying helper is told, as JSON in its arguments; fd 3 is the directory that becomes its root. */
export const ROOT_FD = 3;

/** Writes an archive of a file or a tree to stdout. */
export interface PackRequest {
  kind: 'pack';
  /** Absolute path inside the root. */
  path: string;
  /** Packs what a link at the path leads to. */
  follow: boolean;
  /** The name of the file or tree in the archive; empty for the tree's contents alone. */
  name: string;
}

/** Unpacks an archive from stdin. */
export interface ExtractRequest {
  kind: 'extract';
  /** Absolute path inside the root of a directory, made when missing. */
  path: string;
  /** Owners as the archive has them; otherwise all is ours. */
  keepOwners: boolean;
}

export type CopyRequest = PackRequest | ExtractRequest;
