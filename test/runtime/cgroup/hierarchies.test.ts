import { describe, expect, it } from 'vitest';
import { parseHierarchies } from '../../../src/runtime/cgroup/hierarchies.ts';

const V2 = '30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate';
const CPU = '33 30 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct';
const SYSTEMD = '34 30 0:31 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd';
const UNIFIED = '35 30 0:32 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw';
const ROOT = '24 1 254:0 / / rw,relatime - ext4 /dev/vda rw';

describe('the cgroup hierarchies of a host', () => {
  it('are one with cgroup v2 alone', () => {
    expect(parseHierarchies([ROOT, V2].join('\n'))).toEqual([
      { version: 2, mountpoint: '/sys/fs/cgroup', controllers: [] },
    ]);
  });
  it('are one for each v1 mount, and v2 beside them on a hybrid', () => {
    expect(parseHierarchies([ROOT, CPU, SYSTEMD, UNIFIED].join('\n'))).toEqual([
      { version: 1, mountpoint: '/sys/fs/cgroup/cpu,cpuacct', controllers: ['cpu', 'cpuacct'] },
      { version: 1, mountpoint: '/sys/fs/cgroup/systemd', controllers: ['name=systemd'] },
      { version: 2, mountpoint: '/sys/fs/cgroup/unified', controllers: [] },
    ]);
  });
  it('count once when mounted twice', () => {
    const again = CPU.replace('/sys/fs/cgroup/cpu,cpuacct', '/elsewhere');
    expect(parseHierarchies([CPU, again].join('\n')).map((one) => one.mountpoint)).toEqual([
      '/sys/fs/cgroup/cpu,cpuacct',
    ]);
  });
  it('have spaces in their paths undone', () => {
    expect(parseHierarchies(V2.replace('/sys/fs/cgroup', '/my\\040cgroup'))[0]?.mountpoint).toBe(
      '/my cgroup',
    );
  });
  it('are missed with advice', () => {
    expect(() => parseHierarchies(ROOT)).toThrow('no cgroup file system is mounted');
  });
});
