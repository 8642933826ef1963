import type { Limits } from '../types.ts';

/** A value for a file of the container's cgroup, and the controller the file belongs to. */
export interface Setting {
  controller: 'cpu' | 'cpuset' | 'memory' | 'pids' | 'blkio' | 'io' | 'devices';
  file: string;
  value: string;
  /** The command-line flag that asked for it, for error messages. */
  flag: string;
  /** The kernel may lack this file (swap accounting switched off): then the setting is passed over. */
  optional?: boolean;
}

/** CFS period in microseconds; docker's. */
const PERIOD = 100_000;
/** The kernel refuses less (kernel/sched/core.c, min_cfs_quota_period). */
const MINIMUM_QUOTA = 1_000;

/** What limits mean in the files of cgroup v2 (Documentation/admin-guide/cgroup-v2.rst). */
export function settingsV2(limits: Limits): Setting[] {
  const { memory, memorySwap, cpus, pids } = limits;
  const settings: Setting[] = [];
  if (memory !== undefined) settings.push(setting('memory', 'memory.max', memory));
  if (memory !== undefined && memorySwap !== undefined) {
    const swap = memorySwap < 0 ? 'max' : memorySwap - memory;
    settings.push({ ...setting('memory', 'memory.swap.max', swap), optional: true });
  }
  if (cpus !== undefined) settings.push(setting('cpu', 'cpu.max', `${quota(cpus)} ${PERIOD}`));
  if (pids !== undefined) settings.push(setting('pids', 'pids.max', pids < 0 ? 'max' : pids));
  return settings;
}

/** The same in the files of cgroup v1 (Documentation/admin-guide/cgroup-v1), in the order in which they must be written. */
export function settingsV1(limits: Limits): Setting[] {
  const { memory, memorySwap, cpus, pids } = limits;
  const settings: Setting[] = [];
  if (memory !== undefined) settings.push(setting('memory', 'memory.limit_in_bytes', memory));
  if (memorySwap !== undefined) {
    settings.push({ ...setting('memory', 'memory.memsw.limit_in_bytes', memorySwap), optional: true });
  }
  if (cpus !== undefined) {
    settings.push(
      setting('cpu', 'cpu.cfs_period_us', PERIOD),
      setting('cpu', 'cpu.cfs_quota_us', quota(cpus)),
    );
  }
  if (pids !== undefined) settings.push(setting('pids', 'pids.max', pids < 0 ? 'max' : pids));
  return settings;
}

const FLAGS = { cpu: '--cpus', memory: '--memory', pids: '--pids-limit' } as const;

function setting(controller: keyof typeof FLAGS, file: string, value: number | string): Setting {
  return { controller, file, value: String(value), flag: FLAGS[controller] };
}

function quota(cpus: number): number {
  return Math.max(MINIMUM_QUOTA, Math.round(cpus * PERIOD));
}
