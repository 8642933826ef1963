/** Archives of plain trees: nothing in them is a deletion. */
import type { Syscalls } from '../../native/syscalls.ts';
import { createApplier } from './apply/applier.ts';
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
