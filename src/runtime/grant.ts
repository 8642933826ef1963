/** What a host can give of what is asked: docker goes on without what it cannot, and says so. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RLIMIT } from '../../native/constants.ts';
import type { Syscalls } from '../../native/syscalls.ts';
import { capabilitiesIn } from './capabilities.ts';
import type { FineLimits } from './cgroup/fine-limits.ts';
import { findHierarchies, type Hierarchy } from './cgroup/hierarchies.ts';
import { limitValue } from './limit-value.ts';
import type { Ulimit } from './settings.ts';
import type { Limits } from './types.ts';

export interface Asked {
  limits: Limits;
  ulimits?: Ulimit[] | undefined;
  oomScoreAdj?: number | undefined;
}

export interface Granted extends Asked {
  /** One line for each thing that is left out, in docker's words. */
  warnings: string[];
}

/** A limit, the files of v1 and v2 it needs one of, and what docker says without them. */
interface Need {
  keys: (keyof FineLimits)[];
  v1: string[];
  /** A controller; `false` where v2 has no such thing. */
  v2: string | false;
  warning: string;
}

const kernel = (what: string, end: string) =>
  `Your kernel does not support ${what} or the cgroup is not mounted. ${end}`;

const throttle = (key: keyof FineLimits, file: string, [what, end]: [string, string]): Need => ({
  keys: [key],
  v1: [`blkio/blkio.throttle.${file}_device`],
  v2: 'io',
  warning: kernel(what, `${end} discarded.`),
});

const NEEDS: Need[] = [
  {
    keys: ['cpuShares'],
    v1: ['cpu/cpu.shares'],
    v2: 'cpu',
    warning: kernel('CPU shares', 'Shares discarded.'),
  },
  {
    keys: ['cpuPeriod', 'cpuQuota'],
    v1: ['cpu/cpu.cfs_quota_us'],
    v2: 'cpu',
    warning: kernel('CPU CFS scheduler', 'CPU period/quota discarded.'),
  },
  {
    keys: ['cpusetCpus', 'cpusetMems'],
    v1: ['cpuset/cpuset.cpus'],
    v2: 'cpuset',
    warning: kernel('cpuset', 'Cpuset discarded.'),
  },
  {
    keys: ['memoryReservation'],
    v1: ['memory/memory.soft_limit_in_bytes'],
    v2: 'memory',
    warning: kernel('memory soft limit capabilities', 'Limitation discarded.'),
  },
  {
    keys: ['memorySwappiness'],
    v1: ['memory/memory.swappiness'],
    v2: false,
    warning: kernel('memory swappiness capabilities', 'Memory swappiness discarded.'),
  },
  {
    keys: ['oomKillDisable'],
    v1: ['memory/memory.oom_control'],
    v2: false,
    warning: 'Your kernel does not support OomKillDisable. OomKillDisable discarded.',
  },
  {
    keys: ['blkioWeight'],
    v1: ['blkio/blkio.weight', 'blkio/blkio.bfq.weight'],
    v2: 'io.weight',
    warning: kernel('Block I/O weight', 'Weight discarded.'),
  },
  {
    keys: ['blkioWeightDevice'],
    v1: ['blkio/blkio.weight_device', 'blkio/blkio.bfq.weight_device'],
    v2: 'io.weight',
    warning: kernel('Block I/O weight_device', 'Weight-device discarded.'),
  },
  throttle('deviceReadBps', 'read_bps', ['BPS Block I/O read limit', 'Block I/O BPS read limit']),
  throttle('deviceWriteBps', 'write_bps', ['BPS Block I/O write limit', 'Block I/O BPS write limit']),
  throttle('deviceReadIops', 'read_iops', ['IOPS Block read limit', 'Block I/O IOPS read limit']),
  throttle('deviceWriteIops', 'write_iops', ['IOPS Block write limit', 'Block I/O IOPS write limit']),
];

/** Leaves out what cgroups, hard limits and capabilities of this host do not give. */
export function grantOf(syscalls: Pick<Syscalls, 'prlimit'>, asked: Asked): Granted {
  const { limits, discarded } = grantLimits(asked.limits);
  const { ulimits, clamped } = grantUlimits(syscalls, asked.ulimits ?? []);
  const score = grantScore(asked.oomScoreAdj);
  return {
    limits,
    ...(asked.ulimits === undefined ? {} : { ulimits }),
    ...(score.value === undefined ? {} : { oomScoreAdj: score.value }),
    warnings: [...discarded, ...clamped, ...score.warnings],
  };
}

function grantLimits(asked: Limits): { limits: Limits; discarded: string[] } {
  const limits: Limits = { ...asked };
  const discarded: string[] = [];
  const wanted = NEEDS.filter(({ keys }) => keys.some((key) => asked[key] !== undefined));
  if (wanted.length === 0) return { limits, discarded };
  const hierarchies = findHierarchies();
  for (const need of wanted) {
    if (isThere(hierarchies, need)) continue;
    for (const key of need.keys) delete limits[key];
    discarded.push(need.warning);
  }
  if (limits.oomKillDisable && limits.memory === undefined) {
    discarded.push(
      'OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.',
    );
  }
  return { limits, discarded };
}

function isThere(hierarchies: Hierarchy[], { v1, v2 }: Need): boolean {
  const controller = v1[0]!.split('/')[0]!;
  const old = hierarchies.find(({ controllers }) => controllers.includes(controller));
  if (old) return v1.some((file) => existsSync(join(old.mountpoint, file.split('/')[1]!)));
  const unified = hierarchies.find(({ version }) => version === 2);
  if (!unified || v2 === false) return false;
  if (v2 === 'io.weight' && weightPrefix(hierarchies) === undefined) return false;
  const controllers = readFileSync(join(unified.mountpoint, 'cgroup.controllers'), 'utf8').split(/\s+/);
  return controllers.includes(v2.split('.')[0]!);
}

/**
 * What stands before `weight` in the name of the file of weights: those of v1's CFQ and of iocost have nothing, those of the BFQ
 * scheduler its name. Undefined where the kernel has neither.
 */
export function weightPrefix(hierarchies: Hierarchy[]): '' | 'bfq.' | undefined {
  const old = hierarchies.find(({ controllers }) => controllers.includes('blkio'));
  const has = (file: string) => old !== undefined && existsSync(join(old.mountpoint, `blkio.${file}`));
  if (old) return has('weight') ? '' : has('bfq.weight') ? 'bfq.' : undefined;
  if (existsSync('/sys/module/bfq')) return 'bfq.';
  // iocost, whose weights are in every cgroup but the root, has its own settings in the root alone.
  const unified = hierarchies.find(({ version }) => version === 2);
  return unified && existsSync(join(unified.mountpoint, 'io.cost.qos')) ? '' : undefined;
}

/** Raising a hard limit needs CAP_SYS_RESOURCE. */
function grantUlimits(
  syscalls: Pick<Syscalls, 'prlimit'>,
  asked: Ulimit[],
): { ulimits: Ulimit[]; clamped: string[] } {
  if (asked.length === 0 || hasSysResource()) return { ulimits: asked, clamped: [] };
  const clamped: string[] = [];
  const ulimits = asked.map((ulimit) => {
    const resource = RLIMIT[ulimit.name.toUpperCase() as keyof typeof RLIMIT];
    const { hard: most } = syscalls.prlimit(0, resource);
    if (limitValue(ulimit.hard) <= most) return ulimit;
    clamped.push(
      `--ulimit ${ulimit.name}: without CAP_SYS_RESOURCE the hard limit stays at ${most}, which gocker itself has.`,
    );
    const least = (value: number) => (limitValue(value) <= most ? value : Number(most));
    return { name: ulimit.name, soft: least(ulimit.soft), hard: Number(most) };
  });
  return { ulimits, clamped };
}

/** Lowering the score below one's own needs CAP_SYS_RESOURCE (proc(5)). */
function grantScore(asked: number | undefined): { value: number | undefined; warnings: string[] } {
  if (asked === undefined || hasSysResource()) return { value: asked, warnings: [] };
  const own = Number(readFileSync('/proc/self/oom_score_adj', 'utf8'));
  if (asked >= own) return { value: asked, warnings: [] };
  const warning = `--oom-score-adj: without CAP_SYS_RESOURCE the score stays at ${own}, which gocker itself has.`;
  return { value: own, warnings: [warning] };
}

function hasSysResource(): boolean {
  return ownCapabilities().includes('CAP_SYS_RESOURCE');
}

/** The effective capabilities of this process, by name. */
export function ownCapabilities(): string[] {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return capabilitiesIn(BigInt(`0x${mask}`));
}
