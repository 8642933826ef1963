/** What the finer limits mean in the files of both versions of cgroups. */
import { statSync } from 'node:fs';
import { GockerError, hasCode } from '../../errors.ts';
import type { DeviceRate, FineLimits, THROTTLES } from './fine-limits.ts';
import type { Setting } from './settings.ts';

type Throttle = (typeof THROTTLES)[number];

/** Where v1 and v2 keep a throttle, and the flag that asks for it. */
const THROTTLE_FILES: Record<Throttle, { v1: string; v2: string; flag: string }> = {
  deviceReadBps: { v1: 'read_bps_device', v2: 'rbps', flag: '--device-read-bps' },
  deviceWriteBps: { v1: 'write_bps_device', v2: 'wbps', flag: '--device-write-bps' },
  deviceReadIops: { v1: 'read_iops_device', v2: 'riops', flag: '--device-read-iops' },
  deviceWriteIops: { v1: 'write_iops_device', v2: 'wiops', flag: '--device-write-iops' },
};
const THROTTLE_NAMES = Object.keys(THROTTLE_FILES) as Throttle[];

/** `bfq` where the kernel's weights are BFQ's. */
export interface WeightFiles {
  prefix: '' | 'bfq.';
}

/** cgroup v1 (Documentation/admin-guide/cgroup-v1); a lower memory reservation needs no order. */
export function fineSettingsV1(limits: FineLimits, { prefix }: WeightFiles): Setting[] {
  return [
    ...some(limits.cpuShares, (value) => ({ ...CPU, flag: '--cpu-shares', file: 'cpu.shares', value })),
    ...some(limits.cpuPeriod, (value) => ({
      ...CPU,
      flag: '--cpu-period',
      file: 'cpu.cfs_period_us',
      value,
    })),
    ...some(limits.cpuQuota, (value) => ({ ...CPU, flag: '--cpu-quota', file: 'cpu.cfs_quota_us', value })),
    ...cpusets(limits),
    ...some(limits.memoryReservation, (value) => ({
      ...MEMORY,
      flag: '--memory-reservation',
      file: 'memory.soft_limit_in_bytes',
      value,
    })),
    ...some(limits.memorySwappiness, (value) => ({
      ...MEMORY,
      flag: '--memory-swappiness',
      file: 'memory.swappiness',
      value,
    })),
    ...some(limits.oomKillDisable || undefined, () => ({
      ...MEMORY,
      flag: '--oom-kill-disable',
      file: 'memory.oom_control',
      value: 1,
    })),
    ...weights(limits, {
      controller: 'blkio',
      file: `blkio.${prefix}weight`,
      own: '',
      scale: (value) => value,
    }),
    ...THROTTLE_NAMES.flatMap((name) =>
      (limits[name] ?? []).map(({ path, rate }) => ({
        controller: 'blkio' as const,
        flag: THROTTLE_FILES[name].flag,
        file: `blkio.throttle.${THROTTLE_FILES[name].v1}`,
        value: `${deviceNumber(path)} ${rate}`,
      })),
    ),
  ];
}

/** cgroup v2 (Documentation/admin-guide/cgroup-v2.rst), with runc's scales for what v1 counts otherwise. */
export function fineSettingsV2(limits: FineLimits, { prefix }: WeightFiles): Setting[] {
  const { cpuPeriod, cpuQuota } = limits;
  const scale = prefix === '' ? ioWeight : (value: number) => value;
  return [
    ...some(limits.cpuShares, (value) => ({
      ...CPU,
      flag: '--cpu-shares',
      file: 'cpu.weight',
      value: cpuWeight(value),
    })),
    ...some(cpuQuota ?? cpuPeriod, () => ({
      ...CPU,
      flag: '--cpu-quota',
      file: 'cpu.max',
      value: `${cpuQuota !== undefined && cpuQuota > 0 ? cpuQuota : 'max'} ${cpuPeriod ?? 100_000}`,
    })),
    ...cpusets(limits),
    ...some(limits.memoryReservation, (value) => ({
      ...MEMORY,
      flag: '--memory-reservation',
      file: 'memory.low',
      value,
    })),
    ...weights(limits, { controller: 'io', file: `io.${prefix}weight`, own: 'default ', scale }),
    ...THROTTLE_NAMES.flatMap((name) =>
      (limits[name] ?? []).map(({ path, rate }) => ({
        controller: 'io' as const,
        flag: THROTTLE_FILES[name].flag,
        file: 'io.max',
        value: `${deviceNumber(path)} ${THROTTLE_FILES[name].v2}=${rate}`,
      })),
    ),
  ];
}

const CPU = { controller: 'cpu' } as const;
const MEMORY = { controller: 'memory' } as const;

type Draft = Omit<Setting, 'value'> & { value: string | number };

function some<T>(value: T | undefined, make: (value: T) => Draft): Setting[] {
  if (value === undefined) return [];
  const draft = make(value);
  return [{ ...draft, value: String(draft.value) }];
}

function cpusets({ cpusetCpus, cpusetMems }: FineLimits): Setting[] {
  const controller = 'cpuset' as const;
  return [
    ...some(cpusetCpus, (value) => ({ controller, flag: '--cpuset-cpus', file: 'cpuset.cpus', value })),
    ...some(cpusetMems, (value) => ({ controller, flag: '--cpuset-mems', file: 'cpuset.mems', value })),
  ];
}

function weights(
  { blkioWeight, blkioWeightDevice = [] }: FineLimits,
  form: { controller: 'blkio' | 'io'; file: string; own: string; scale(weight: number): number },
): Setting[] {
  const { controller, file, own, scale } = form;
  const perDevice = controller === 'io' ? file : `${file}_device`;
  return [
    ...some(blkioWeight, (value) => ({
      controller,
      flag: '--blkio-weight',
      file,
      value: `${own}${scale(value)}`,
    })),
    ...blkioWeightDevice.map(({ path, rate }: DeviceRate) => ({
      controller,
      flag: '--blkio-weight-device',
      file: perDevice,
      value: `${deviceNumber(path)} ${scale(rate)}`,
    })),
  ];
}

/** 2..262144 to 1..10000. */
export function cpuWeight(shares: number): number {
  const bounded = Math.min(262_144, Math.max(2, shares));
  return 1 + Math.floor(((bounded - 2) * 9999) / 262_142);
}

/** 10..1000 to 1..10000. */
export function ioWeight(weight: number): number {
  return 1 + Math.floor(((weight - 10) * 9999) / 990);
}

/** `major:minor` of a block device of the host. Throws NO_SUCH_DEVICE. */
function deviceNumber(path: string): string {
  const stat = statOf(path);
  if (stat?.isBlockDevice()) {
    const [major, minor] = splitDevice(stat.rdev);
    return `${major}:${minor}`;
  }
  throw new GockerError('NO_SUCH_DEVICE', stat ? `${path} is no block device` : `no such device: ${path}`, {
    hint: 'see the block devices with: lsblk -p',
  });
}

function statOf(path: string) {
  try {
    return statSync(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** Major and minor of a `dev_t` as stat(2) has it (makedev(3)). */
export function splitDevice(dev: number): [major: number, minor: number] {
  const wide = BigInt(dev);
  const major = ((wide >> 8n) & 0xfffn) | ((wide >> 32n) & ~0xfffn);
  const minor = (wide & 0xffn) | ((wide >> 12n) & ~0xffn & 0xffffffffn);
  return [Number(major), Number(minor)];
}
