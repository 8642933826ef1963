import { readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Syscalls } from '../../../native/syscalls.ts';
import { GockerError, hasCode } from '../../errors.ts';
import { isFrozen, setFrozen } from './freeze.ts';
import { findHierarchies, type Hierarchy } from './hierarchies.ts';
import { directoryOf, PARENT } from './paths.ts';

const ATTEMPTS = 200;
const PAUSE_MS = 10;

/** Kills whatever runs in the container's cgroups and removes them; idempotent. */
export async function destroyCgroups(syscalls: Syscalls, id: string): Promise<void> {
  if (isFrozen(id)) await killFrozen(syscalls, id);
  for (const hierarchy of findHierarchies()) {
    await destroyOne(syscalls, directoryOf(hierarchy, id));
    removeParent(hierarchy);
  }
}

/** Kills what runs in the container's cgroups now; who forks faster needs `destroyCgroups`. */
export function killCgroups(syscalls: Syscalls, id: string): void {
  for (const hierarchy of findHierarchies()) killAll(syscalls, directoryOf(hierarchy, id));
}

/** A frozen process does not die before it is thawed, and then at once. */
async function killFrozen(syscalls: Syscalls, id: string): Promise<void> {
  killCgroups(syscalls, id);
  await setFrozen(id, false);
}

async function destroyOne(syscalls: Syscalls, directory: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      removeTree(directory);
      return;
    } catch (error) {
      if (!hasCode(error, 'EBUSY')) throw error;
      if (attempt === ATTEMPTS) throw stuck(directory, error);
    }
    killAll(syscalls, directory);
    await sleep(PAUSE_MS);
  }
}

/** A container may have made cgroups below its own. */
function removeTree(directory: string): void {
  for (const name of subdirectories(directory)) removeTree(join(directory, name));
  unlessGone(() => rmdirSync(directory));
}

function killAll(syscalls: Syscalls, directory: string): void {
  try {
    writeFileSync(join(directory, 'cgroup.kill'), '1', { flag: 'r+' });
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'EACCES')) throw error;
    killEach(syscalls, directory);
  }
}

/** cgroup v1, and v2 before 5.14, have no `cgroup.kill`: each process by itself, in the cgroups below too. */
function killEach(syscalls: Syscalls, directory: string): void {
  for (const pid of readProcesses(directory)) killOne(syscalls, directory, pid);
  for (const name of subdirectories(directory)) killEach(syscalls, join(directory, name));
}

/** A pid may have ended and been given to another by now: the pidfd holds on to one process, which must still be listed. */
function killOne(syscalls: Syscalls, directory: string, pid: number): void {
  try {
    const pidfd = syscalls.pidfd_open(pid, 0);
    try {
      if (readProcesses(directory).includes(pid))
        syscalls.pidfd_send_signal(pidfd, osConstants.signals.SIGKILL);
    } finally {
      syscalls.close(pidfd);
    }
  } catch (error) {
    if (!hasCode(error, 'ESRCH', 'EINVAL')) throw error;
  }
}

function readProcesses(directory: string): number[] {
  const text = unlessGone(() => readFileSync(join(directory, 'cgroup.procs'), 'utf8')) ?? '';
  return text
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0);
}

function subdirectories(directory: string): string[] {
  const entries = unlessGone(() => readdirSync(directory, { withFileTypes: true })) ?? [];
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENODEV')) return undefined;
    throw error;
  }
}

/** Removes the directory of all containers when this was the last. */
function removeParent(hierarchy: Hierarchy): void {
  try {
    rmdirSync(join(hierarchy.mountpoint, PARENT));
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'EBUSY', 'ENOTEMPTY')) throw error;
  }
}

function stuck(directory: string, cause: unknown): GockerError {
  return new GockerError('CGROUP_BUSY', `processes in ${directory} do not end`, {
    cause,
    hint: `look at them: cat ${directory}/cgroup.procs; one in state D waits for a device`,
  });
}
