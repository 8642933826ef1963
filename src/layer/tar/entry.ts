import type { ByteString } from '../bytes.ts';

export type EntryType = 'file' | 'hardlink' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo';

/** A piece of a sparse file that is not a hole, in bytes. */
export interface DataRange {
  offset: number;
  length: number;
}

/** One member of an archive, whatever dialect its header was written in. */
export interface TarEntry {
  /** As in the archive, not normalised. */
  name: ByteString;
  type: EntryType;
  /** Permission bits with setuid, setgid and sticky. */
  mode: number;
  uid: number;
  gid: number;
  /** Bytes of the file; for a sparse one with its holes. */
  size: number;
  /** Nanoseconds since the epoch. */
  mtimeNs: bigint;
  /** Target of a symlink or hardlink, else empty. */
  linkname: ByteString;
  device: { major: number; minor: number };
  /** Extended attributes by full name (`user.mime_type`). */
  xattrs: ReadonlyMap<ByteString, Buffer>;
  /** Where the bytes that follow belong, in order; absent when they are the whole file. */
  sparse?: DataRange[];
}

/** Who is told what an archive holds: `entry`, then `data` any number of times, then `close`. */
export interface TarSink {
  entry(entry: TarEntry): void;
  /** Valid only during the call. */
  data(bytes: Buffer): void;
  close(): void;
}

/** What an archive may ask for at most. */
export interface TarLimits {
  entries: number;
  /** Bytes of one pax header, GNU long name or sparse map. */
  metadata: number;
  /** Bytes of a path or link target. */
  path: number;
}

export const TAR_LIMITS: TarLimits = { entries: 4_000_000, metadata: 1024 * 1024, path: 4095 };
