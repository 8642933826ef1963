// podman with everything below a directory of ours, and without systemd.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Without CAP_SYS_RESOURCE podman cannot set its default limits; these are below any hard limit. */
export const ULIMITS = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];

/** podman's own, outside its roots. */
const LOCKS = '/dev/shm/libpod_lock';

/**
 * `command` is what to put before podman's arguments; `clean` takes away what it leaves besides files in the directory.
 * @param {string} directory podman makes an image's name of its path, so that the path must be lower case
 */
export function podmanIn(directory) {
  const hadLocks = existsSync(LOCKS);
  const at = (name) => join(directory, name);
  const places = ['--root', at('podman'), '--runroot', at('podman-run'), '--tmpdir', at('podman-tmp')];
  const managers = ['--runtime', 'runc', '--cgroup-manager', 'cgroupfs', '--events-backend', 'none'];
  return {
    command: ['podman', ...places, ...managers, '--storage-driver', 'overlay'],
    clean() {
      spawnSync('umount', [at('podman/overlay')]);
      if (!hadLocks) rmSync(LOCKS, { force: true });
    },
  };
}
