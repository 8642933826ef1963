import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DriverHost } from '../../../src/driver/index.ts';
import { DriverUnavailableError } from '../../../src/errors.ts';

/** Any file system that keeps owners will do. Throws VFS_UNAVAILABLE. */
export async function probeCopies({ root }: DriverHost): Promise<void> {
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const trial = mkdtempSync(join(root, 'probe-'));
  try {
    chownSync(trial, 1, 1);
  } catch (error) {
    throw new DriverUnavailableError(
      'VFS_UNAVAILABLE',
      `owners of files in ${root}: ${(error as Error).message}`,
      {
        hint: 'root and a file system such as ext4, xfs, btrfs or tmpfs are needed; choose another place with --root',
        cause: error,
      },
    );
  } finally {
    rmSync(trial, { recursive: true, force: true });
  }
}
