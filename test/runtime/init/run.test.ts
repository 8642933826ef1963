import { describe, expect, it } from 'vitest';
import { S } from '../../../native/constants.ts';
import { SyscallError } from '../../../native/errors.ts';
import { fakeSyscalls, type RecordedCall } from '../../../native/fake.ts';
import { DEFAULT_CAPABILITIES } from '../../../src/runtime/capabilities.ts';
import { runContainer } from '../../../src/runtime/init/run.ts';
import type { InitReport } from '../../../src/runtime/protocol.ts';
import type { ContainerPlan } from '../../../src/runtime/types.ts';

const plan: ContainerPlan = {
  id: 'c'.repeat(64),
  hostname: 'box',
  rootfs: [
    {
      type: 'overlay',
      source: 'overlay',
      options: ['lowerdir=/s/a/fs', 'upperdir=/s/b/fs', 'workdir=/s/b/work'],
    },
  ],
  rootDirectory: '/c/rootfs',
  binds: [{ source: '/host', destination: '/data', readonly: true, recursive: true }],
  network: 'private',
  limits: {},
  process: {
    args: ['/bin/true', '--flag'],
    env: ['PATH=/bin'],
    cwd: '/work',
    user: '',
    groups: [],
    capabilities: DEFAULT_CAPABILITIES,
    terminal: false,
    stdin: true,
  },
};

class Executed extends Error {}

/** Runs init on recorded calls, up to its execve. */
function record(change: Partial<ContainerPlan> = {}) {
  const order: (RecordedCall | { name: 'report'; report: InitReport } | { name: 'go' })[] = [];
  const { syscalls, calls } = fakeSyscalls({
    statx: { mode: S.IFDIR, rdev: { major: 0, minor: 0 }, uid: 0, gid: 0, size: 0 },
    openat2: (_: number, path: string) => {
      if (path.startsWith('/etc/')) throw new SyscallError('openat2', 2, path);
      return 50;
    },
    fstatfs: { type: 0, blocks: 0, bavail: 0, bsize: 0, ffree: 0 },
    prlimit: { soft: 1024n, hard: 4096n },
    capget: { effective: (1n << 41n) - 1n, permitted: (1n << 41n) - 1n, inheritable: 0n },
    poll: [0],
    getcwd: '/work',
    prctl: (option: number, bit: number) => {
      if (option === 24 && bit > 40) throw new SyscallError('prctl', 22);
      return 0;
    },
    execve: () => {
      throw new Executed();
    },
  });
  const push = calls.push.bind(calls);
  calls.push = (...items) => {
    order.push(...items);
    return push(...items);
  };
  const channel = {
    request: () => ({ kind: 'run' as const, plan, cgroup: { procs: [], views: [] } }),
    report: (report: InitReport) => void order.push({ name: 'report', report }),
    awaitGo: () => void order.push({ name: 'go' }),
  };
  const cgroup = {
    procs: ['/sys/fs/cgroup/gocker/c/cgroup.procs'],
    views: [{ type: 'cgroup2' as const, name: '', options: [] }],
  };
  try {
    runContainer(syscalls, { kind: 'run', plan: { ...plan, ...change }, cgroup }, channel);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('exec')) throw error;
  }
  return order;
}

const at = (order: { name: string }[], name: string, from = 0) =>
  order.findIndex((call, index) => index >= from && call.name === name);

describe('the order of steps by which init makes a container', () => {
  const order = record();
  const position = (name: string, from = 0) => at(order, name, from);

  it('makes mounts private before it mounts', () => {
    const first = order[position('mount')] as RecordedCall;
    expect(first.args).toEqual([null, '/', null, 16384 | (1 << 18), null]);
    expect(position('unshare')).toBeLessThan(position('mount'));
  });
  it('takes hold of host files before the root is mounted, and of cgroups before the pivot', () => {
    const held = order.findIndex(
      (call) => call.name === 'open_tree' && (call as RecordedCall).args[1] === '/host',
    );
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThan(position('mount', position('mount') + 1));
    const procs = order.findIndex(
      (call) => call.name === 'openat' && String((call as RecordedCall).args[1]).endsWith('cgroup.procs'),
    );
    expect(procs).toBeGreaterThan(0);
    expect(procs).toBeLessThan(position('pivot_root'));
  });
  it('detaches the old root at once', () => {
    expect(order.slice(position('pivot_root'), position('pivot_root') + 2).map((call) => call.name)).toEqual([
      'pivot_root',
      'umount2',
    ]);
  });
  it('waits for the word to go on, then joins the cgroup, then its namespace, then drops what it may do', () => {
    const join = order.findLastIndex(
      (call) => call.name === 'write' && String((call as RecordedCall).args[1]) === '0',
    );
    const sequence = [
      position('pivot_root'),
      position('go'),
      join,
      position('unshare', join),
      position('capset'),
      position('execve'),
    ];
    expect(sequence).toEqual([...sequence].sort((a, b) => a - b));
    expect(sequence.every((index) => index > 0)).toBe(true);
  });
  it('gives the fourteen capabilities and nothing inheritable', () => {
    const [sets] = (order[position('capset')] as RecordedCall).args;
    expect(sets).toEqual({ effective: 0xa80425fbn, permitted: 0xa80425fbn, inheritable: 0n });
  });
  it('resets signals and lets execve close every fd above stderr', () => {
    expect(position('resetSignals')).toBeLessThan(position('execve'));
    const closing = order[position('close_range')] as RecordedCall;
    expect(closing.args).toEqual([3, 0xffffffff, 4]);
    expect(position('close_range')).toBeLessThan(position('execve'));
  });
  it('runs the program with its own arguments and the environment plus HOME', () => {
    expect((order[position('execve')] as RecordedCall).args).toEqual([
      '/bin/true',
      ['/bin/true', '--flag'],
      ['PATH=/bin', 'HOME=/'],
    ]);
  });
  it('keeps the network of the host when asked', () => {
    const NEWNET = 0x40000000;
    const flags = (change: Partial<ContainerPlan>) => {
      const calls = record(change);
      return (calls[at(calls, 'unshare')] as RecordedCall).args[0] as number;
    };
    expect(flags({ network: 'private' }) & NEWNET).toBe(NEWNET);
    expect(flags({ network: 'host' }) & NEWNET).toBe(0);
  });
});
