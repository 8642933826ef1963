import { describe, expect, it } from 'vitest';
import { settingsV1, settingsV2 } from '../../../src/runtime/cgroup/settings.ts';

const MIB = 1024 * 1024;
const written = (settings: { file: string; value: string }[]) =>
  settings.map(({ file, value }) => `${file}=${value}`);

describe('limits in the files of cgroup v2', () => {
  it('are nothing where nothing is limited', () => expect(settingsV2({})).toEqual([]));
  it('count swap apart from memory', () => {
    expect(written(settingsV2({ memory: 64 * MIB, memorySwap: 96 * MIB }))).toEqual([
      `memory.max=${64 * MIB}`,
      `memory.swap.max=${32 * MIB}`,
    ]);
    expect(written(settingsV2({ memory: MIB, memorySwap: -1 }))).toContain('memory.swap.max=max');
  });
  it('give cpu time in microseconds of a tenth of a second', () => {
    expect(written(settingsV2({ cpus: 0.5, pids: 16 }))).toEqual(['cpu.max=50000 100000', 'pids.max=16']);
    expect(written(settingsV2({ cpus: 0.001 }))).toEqual(['cpu.max=1000 100000']);
  });
});

describe('limits in the files of cgroup v1', () => {
  it('set memory before memory and swap, which may not be less', () => {
    expect(written(settingsV1({ memory: 64 * MIB, memorySwap: 64 * MIB }))).toEqual([
      `memory.limit_in_bytes=${64 * MIB}`,
      `memory.memsw.limit_in_bytes=${64 * MIB}`,
    ]);
  });
  it('give cpu time as period and quota', () => {
    expect(written(settingsV1({ cpus: 1.25, pids: 1 }))).toEqual([
      'cpu.cfs_period_us=100000',
      'cpu.cfs_quota_us=125000',
      'pids.max=1',
    ]);
  });
});
