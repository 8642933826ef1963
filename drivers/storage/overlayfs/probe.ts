import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DriverHost } from '../../../src/driver/index.ts';
import { DriverUnavailableError, GockerError } from '../../../src/errors.ts';

/** fsopen(2), fsconfig(2), fsmount(2). */
const [FSOPEN_CLOEXEC, SET_STRING, CMD_CREATE] = [1, 1, 6];

/**
 * Tries for real: an overlay with its upper layer below the driver's root, set up but mounted nowhere, and the attribute
 * that marks opaque directories. Throws OVERLAYFS_UNAVAILABLE with what to do.
 */
export async function probeOverlay({ root, syscalls }: DriverHost): Promise<void> {
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const trial = mkdtempSync(join(root, 'probe-'));
  try {
    for (const name of ['lower', 'upper', 'work']) mkdirSync(join(trial, name));
    attempt(`trusted attributes on ${root}`, HINTS.attributes, () =>
      syscalls.lsetxattr(join(trial, 'lower'), 'trusted.overlay.opaque', Buffer.from('y'), 0),
    );
    tryOverlay(syscalls, trial);
  } finally {
    rmSync(trial, { recursive: true, force: true });
  }
}

const HINTS = {
  attributes:
    'root and a file system such as ext4, xfs or btrfs are needed; choose another place with --root',
  module: 'the kernel has no overlayfs: load it with modprobe overlay',
  upper:
    'the file system cannot hold overlays (an overlay itself, nfs, vfat); choose another place with --root',
};

function tryOverlay(syscalls: DriverHost['syscalls'], trial: string): void {
  const context = attempt('overlayfs', HINTS.module, () => syscalls.fsopen('overlay', FSOPEN_CLOEXEC));
  try {
    attempt(`overlayfs on ${trial}`, HINTS.upper, () => {
      for (const name of ['lower', 'upper', 'work']) {
        syscalls.fsconfig(context, SET_STRING, `${name}dir`, join(trial, name), 0);
      }
      syscalls.fsconfig(context, CMD_CREATE, null, null, 0);
    });
  } finally {
    syscalls.close(context);
  }
}

function attempt<R>(what: string, hint: string, act: () => R): R {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof GockerError)) throw error;
    throw new DriverUnavailableError('OVERLAYFS_UNAVAILABLE', `${what}: ${error.message}`, {
      hint,
      cause: error,
    });
  }
}
