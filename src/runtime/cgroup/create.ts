import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Syscalls } from '../../../native/syscalls.ts';
import { GockerError, hasCode } from '../../errors.ts';
import { weightPrefix } from '../grant.ts';
import type { Limits } from '../types.ts';
import { destroyCgroups } from './destroy.ts';
import { fineSettingsV1, fineSettingsV2 } from './fine-settings.ts';
import { findHierarchies, type Hierarchy } from './hierarchies.ts';
import { directoryOf, PARENT } from './paths.ts';
import { type Setting, settingsV1, settingsV2 } from './settings.ts';

const WANTED_V2 = ['cpu', 'memory', 'pids', 'cpuset', 'io'];
const ATTEMPTS = 20;

/**
 * Makes the container's directory in every hierarchy and writes its limits. Throws CGROUP_LIMIT when the kernel refuses
 * a limit or has no such controller; nothing is left behind then.
 */
export async function createCgroups(syscalls: Syscalls, id: string, limits: Limits): Promise<void> {
  try {
    makeCgroups(id);
    applyLimits(findHierarchies(), id, { limits });
  } catch (error) {
    await destroyCgroups(syscalls, id);
    throw error;
  }
}

/** Makes the container's directory in every hierarchy that has none yet. Throws CGROUP_DENIED where gocker may not. */
export function makeCgroups(id: string): void {
  for (const hierarchy of findHierarchies())
    if (!existsSync(directoryOf(hierarchy, id))) makeDirectory(hierarchy, id);
}

function makeDirectory(hierarchy: Hierarchy, id: string): void {
  // Another container that ends may remove the empty parent between two calls, and while it is open.
  for (let attempt = 1; ; attempt++) {
    try {
      ensureParent(hierarchy);
      mkdirSync(directoryOf(hierarchy, id), { mode: 0o755 });
      break;
    } catch (error) {
      if (!hasCode(error, 'ENOENT', 'ENODEV') || attempt === ATTEMPTS) throw explain(error, hierarchy);
    }
  }
  if (hierarchy.controllers.includes('cpuset')) inheritCpuset(join(hierarchy.mountpoint, PARENT, id));
}

function ensureParent(hierarchy: Hierarchy): void {
  const parent = join(hierarchy.mountpoint, PARENT);
  mkdirSync(parent, { recursive: true, mode: 0o755 });
  if (hierarchy.controllers.includes('cpuset')) inheritCpuset(parent);
  if (hierarchy.version === 2) [hierarchy.mountpoint, parent].forEach(enableControllers);
}

/** cgroup v1 starts with empty cpusets, in which nothing may run. */
function inheritCpuset(directory: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if (readFileSync(join(directory, file), 'utf8').trim() !== '') continue;
    writeFileSync(join(directory, file), readFileSync(join(directory, '..', file)));
  }
}

/** Hands the controllers on to the children, those that can be: a refusal only matters when a limit needs it. */
function enableControllers(directory: string): void {
  const available = readFileSync(join(directory, 'cgroup.controllers'), 'utf8').split(/\s+/);
  const enabled = readFileSync(join(directory, 'cgroup.subtree_control'), 'utf8').split(/\s+/);
  for (const controller of WANTED_V2) {
    if (!available.includes(controller) || enabled.includes(controller)) continue;
    try {
      writeFileSync(join(directory, 'cgroup.subtree_control'), `+${controller}`);
    } catch (error) {
      if (!hasCode(error, 'EBUSY', 'EACCES', 'EPERM', 'EINVAL', 'ENOTSUP')) throw error;
    }
  }
}

interface Application {
  limits: Limits;
  /** The limit of memory and swap together is raised before that of memory. */
  swapFirst?: boolean;
}

/** Writes limits into the container's cgroups. Throws CGROUP_LIMIT. */
export function applyLimits(
  hierarchies: Hierarchy[],
  id: string,
  { limits, swapFirst = false }: Application,
): void {
  const weights = { prefix: weightPrefix(hierarchies) ?? '' };
  for (const setting of [...orderedV1(limits, swapFirst), ...fineSettingsV1(limits, weights)]) {
    const hierarchy = hierarchies.find((one) => one.controllers.includes(setting.controller));
    if (hierarchy) write(directoryOf(hierarchy, id), setting);
  }
  const unified = hierarchies.find((one) => one.version === 2);
  for (const setting of [...settingsV2(limits), ...fineSettingsV2(limits, weights)]) {
    const old = setting.controller === 'io' ? 'blkio' : setting.controller;
    if (hierarchies.some((one) => one.controllers.includes(old))) continue;
    if (!unified) throw missingController(setting);
    requireController(directoryOf(unified, id), setting);
    write(directoryOf(unified, id), setting);
  }
}

function orderedV1(limits: Limits, swapFirst: boolean): Setting[] {
  const settings = settingsV1(limits);
  const swap = settings.find(({ file }) => file.includes('memsw'));
  return swap && swapFirst ? [swap, ...settings.filter((one) => one !== swap)] : settings;
}

function requireController(directory: string, setting: Setting): void {
  const controllers = readFileSync(join(directory, 'cgroup.controllers'), 'utf8').trim().split(/\s+/);
  if (!controllers.includes(setting.controller)) throw missingController(setting, directory);
}

function missingController(setting: Setting, directory?: string): GockerError {
  const where = directory === undefined ? '' : ` in ${directory}`;
  return new GockerError(
    'CGROUP_LIMIT',
    `${setting.flag}: the ${setting.controller} cgroup controller is not available${where}`,
    {
      hint: directory
        ? `enable it: echo +${setting.controller} > cgroup.subtree_control in each directory above; one that holds processes of its own must be the root`
        : `boot without cgroup_disable=${setting.controller}, or leave ${setting.flag} out`,
    },
  );
}

function write(directory: string, setting: Setting): void {
  try {
    writeFileSync(join(directory, setting.file), setting.value, { flag: 'r+' });
  } catch (error) {
    if (setting.optional && hasCode(error, 'ENOENT', 'EACCES', 'EPERM')) return;
    throw new GockerError(
      'CGROUP_LIMIT',
      `${setting.flag}: the kernel refuses ${JSON.stringify(setting.value)} for ${setting.file} (${(error as Error).message})`,
      { cause: error, hint: 'choose another value, or leave the flag out' },
    );
  }
}

function explain(error: unknown, hierarchy: Hierarchy): unknown {
  if (!hasCode(error, 'EACCES', 'EPERM', 'EROFS')) return error;
  return new GockerError(
    'CGROUP_DENIED',
    `no cgroup can be made in ${hierarchy.mountpoint}: ${(error as Error).message}`,
    {
      cause: error,
      hint: 'gocker must be root, and the cgroup file system mounted read-write',
    },
  );
}
