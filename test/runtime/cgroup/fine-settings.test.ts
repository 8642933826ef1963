import { describe, expect, it } from 'vitest';
import {
  cpuWeight,
  fineSettingsV1,
  fineSettingsV2,
  ioWeight,
  splitDevice,
} from '../../../src/runtime/cgroup/fine-settings.ts';

const limits = {
  cpuShares: 512,
  cpuPeriod: 50_000,
  cpuQuota: 25_000,
  cpusetCpus: '0-1',
  cpusetMems: '0',
  memoryReservation: 1000,
  memorySwappiness: 0,
  oomKillDisable: true,
  blkioWeight: 500,
};
const files = (settings: { file: string; value: string }[]) =>
  settings.map(({ file, value }) => `${file}=${value}`);

describe('the finer limits', () => {
  it('on cgroup v1', () => {
    expect(files(fineSettingsV1(limits, { prefix: '' }))).toEqual([
      'cpu.shares=512',
      'cpu.cfs_period_us=50000',
      'cpu.cfs_quota_us=25000',
      'cpuset.cpus=0-1',
      'cpuset.mems=0',
      'memory.soft_limit_in_bytes=1000',
      'memory.swappiness=0',
      'memory.oom_control=1',
      'blkio.weight=500',
    ]);
  });
  it('on cgroup v2, which has no swappiness and no switch for the OOM killer', () => {
    expect(files(fineSettingsV2(limits, { prefix: '' }))).toEqual([
      'cpu.weight=20',
      'cpu.max=25000 50000',
      'cpuset.cpus=0-1',
      'cpuset.mems=0',
      'memory.low=1000',
      'io.weight=default 4950',
    ]);
    expect(files(fineSettingsV2({ cpuPeriod: 50_000 }, { prefix: '' }))).toEqual(['cpu.max=max 50000']);
    expect(files(fineSettingsV2({ cpuQuota: -1 }, { prefix: '' }))).toEqual(['cpu.max=max 100000']);
  });
  it('are BFQ’s weights where those are the kernel’s', () => {
    expect(files(fineSettingsV1({ blkioWeight: 20 }, { prefix: 'bfq.' }))).toEqual(['blkio.bfq.weight=20']);
    expect(files(fineSettingsV2({ blkioWeight: 20 }, { prefix: 'bfq.' }))).toEqual([
      'io.bfq.weight=default 20',
    ]);
  });
  it('name block devices', () => {
    const read = { deviceReadBps: [{ path: '/dev/null', rate: 1 }] };
    expect(() => fineSettingsV1(read, { prefix: '' })).toThrow('/dev/null is no block device');
    const nowhere = { deviceWriteIops: [{ path: '/dev/nosuch', rate: 1 }] };
    expect(() => fineSettingsV2(nowhere, { prefix: '' })).toThrow('no such device: /dev/nosuch');
  });
  it('scale as runc does', () => {
    expect([2, 1024, 262_144, 0].map(cpuWeight)).toEqual([1, 39, 10_000, 1]);
    expect([10, 500, 1000].map(ioWeight)).toEqual([1, 4950, 10_000]);
  });
  it('split device numbers', () => {
    expect(splitDevice(0x0801)).toEqual([8, 1]);
    expect(splitDevice(286326384)).toEqual([254, 70000]);
  });
});
