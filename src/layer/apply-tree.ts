/** Plain trees, as archives and as directories: nothing in them is a deletion. */
import type { Syscalls } from '../../native/syscalls.ts';
import { createApplier } from './apply/applier.ts';
import { packTree } from './pack/pack.ts';
import { TarReader } from './tar/reader.ts';

/** Puts an archive's members into a directory. */
export interface TreeApplier {
  /** The next bytes of the archive, uncompressed. Throws INVALID_LAYER for what is no archive. */
  write(chunk: Buffer): void;
  /** After the last byte. */
  end(): void;
  /** Lets go of all files; always to be called. */
  close(): void;
}

/**
 * An applier for a directory that may hold files: what the archive has under the same name takes their place. Everything
 * that a file is comes along (modes with setuid bits, owners, times, attributes, devices), and nothing outside is touched.
 */
export function createTreeApplier(syscalls: Syscalls, directory: string): TreeApplier {
  const target = { mode: 'bind', directory, bottom: true } as const;
  const applier = createApplier({ syscalls, target, policy: { devices: 'create', plain: true } });
  const reader = new TarReader(applier);
  return {
    write: (chunk) => reader.write(chunk),
    end() {
      reader.end();
      applier.finish();
    },
    close: () => applier.dispose(),
  };
}

/** Copies all of the open directory `from`, and what it is itself, to the directory `to`. */
export function copyTree(syscalls: Syscalls, from: number, to: string): void {
  const applier = createTreeApplier(syscalls, to);
  try {
    for (const chunk of packTree({ syscalls, directory: from, what: 'tree', withRoot: true }))
      applier.write(chunk);
    applier.end();
  } finally {
    applier.close();
  }
}
