import { beforeAll, expect, test } from 'vitest';
import { image, integration, useGocker } from './helpers.ts';

/** Limits as containers feel them; run on this machine's cgroups and, by scripts/test.sh, in a VM with cgroup v2 alone. */
integration('limits', () => {
  const gocker = useGocker();
  const BUSYBOX = image('busybox:1');
  beforeAll(() => gocker(['pull', BUSYBOX]));
  const run = (...args: string[]) => gocker(['run', '--network=none', '--rm', ...args]);
  const sh = (line: string) => [BUSYBOX, 'sh', '-c', line];

  test('a program that needs more memory than it may have is killed, and the record says why', async () => {
    const TWO_HUNDRED_MIB = ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=200M', 'count=1'];
    const killed = await gocker([
      'run',
      '--network=none',
      '--name',
      'hungry',
      '--mem=64m',
      BUSYBOX,
      ...TWO_HUNDRED_MIB,
    ]);
    expect(killed.code).toBe(137);
    expect((await gocker(['ps', '-a'])).stdout).toMatch(/Exited \(137\).*out of memory.*hungry/);
    const [record] = JSON.parse((await gocker(['container', 'inspect', 'hungry'])).stdout);
    expect(record.State).toMatchObject({ OOMKilled: true, ExitCode: 137 });
    expect((await gocker(['rm', 'hungry'])).code).toBe(0);

    const fits = await run('--mem=300m', BUSYBOX, ...TWO_HUNDRED_MIB);
    expect(fits.code).toBe(0);
  });

  test('a program that is killed by somebody is not out of memory', async () => {
    const line = ['sh', '-c', 'echo up; exec sleep 1000'];
    const running = gocker.start([
      'run',
      '--network=none',
      '--name',
      'victim',
      '--mem=64m',
      BUSYBOX,
      ...line,
    ]);
    await running.waitFor('up');
    const state = async () => JSON.parse((await gocker(['container', 'inspect', 'victim'])).stdout)[0].State;
    const { Pid, Running } = await state();
    expect(Running).toBe(true);
    process.kill(Pid, 'SIGKILL');
    expect((await running.ended).code).toBe(137);
    expect(await state()).toMatchObject({ OOMKilled: false, ExitCode: 137, Running: false });
    await gocker(['rm', 'victim']);
  });

  test('six MiB and one process are enough for a small program, every time', async () => {
    const rounds = process.env.GOCKER_TEST_SLOW ? 4 : 10;
    for (let round = 0; round < rounds; round++) {
      const result = await run('--mem=6m', '--pids=1', BUSYBOX, 'echo', 'small');
      expect(result).toEqual({ code: 0, stdout: 'small\n', stderr: '' });
    }
  });

  test('memory and swap are written where the kernel reads them', async () => {
    const v1 = 'memory/memory.limit_in_bytes memory/memory.memsw.limit_in_bytes';
    const v2 = 'memory.max memory.swap.max';
    const read = sh(`cd /sys/fs/cgroup; cat ${v2} 2>/dev/null || cat ${v1}`);
    const MIB = 2 ** 20;
    const { stdout } = await run('--mem=64m', '--memory-swap=96m', ...read);
    expect([`${64 * MIB}\n${32 * MIB}\n`, `${64 * MIB}\n${96 * MIB}\n`]).toContain(stdout);
  });

  test('a bare number is MiB for --mem, bytes for --memory', async () => {
    const read = sh('cd /sys/fs/cgroup; cat memory.max 2>/dev/null || cat memory/memory.limit_in_bytes');
    expect((await run('--mem=64', ...read)).stdout).toBe(`${64 * 2 ** 20}\n`);
    expect((await run('--memory=67108864', ...read)).stdout).toBe(`${64 * 2 ** 20}\n`);
    expect((await run('-m', '64m', ...read)).stdout).toBe(`${64 * 2 ** 20}\n`);
  });

  test('a fork bomb stays within sixteen processes', async () => {
    const bomb = 'i=0; while [ $i -lt 60 ]; do sleep 5 & i=$((i+1)); done 2>/dev/null';
    const count = `(${bomb}); ls -d /proc/[0-9]* | wc -l`;
    const contained = await run('--pids=16', ...sh(count));
    expect(Number(contained.stdout)).toBeLessThanOrEqual(17);
    const free = await run(...sh(count));
    expect(Number(free.stdout)).toBeGreaterThan(50);
  });

  test('half a CPU is half a CPU', async () => {
    const usage =
      'grep usage_usec /sys/fs/cgroup/cpu.stat 2>/dev/null || cat /sys/fs/cgroup/cpuacct/cpuacct.usage';
    const busy = sh(`timeout 3 sh -c 'while :; do :; done'; ${usage}`);
    const seconds = (text: string) =>
      text.startsWith('usage_usec') ? Number(text.split(' ')[1]) / 1e6 : Number(text) / 1e9;
    const half = seconds((await run('--cpus=0.5', ...busy)).stdout);
    expect(half).toBeGreaterThan(0.5);
    expect(half).toBeLessThan(1.9);
  });

  test.each([
    [['--mem=5m'], /6\s?mb|6m|6 ?MiB/i],
    [['--cpus=few'], /few/],
    [['--cpus=10000'], /10000/],
    [['--mem=lots'], /lots/],
    [['--mem=64m', '--memory-swap=32m'], /swap/],
    [['--pids=many'], /many/],
  ])('refuses %j with exit code 125 and says what is wrong', async (flags, words) => {
    const refused = await run(...flags, BUSYBOX, 'true');
    expect(refused.code).toBe(125);
    expect(refused.stderr).toMatch(words);
    expect(refused.stderr).not.toContain('    at ');
  });

  test('takes -1 for no limit', async () => {
    expect((await run('--pids=-1', '--memory-swap=-1', '--mem=64m', BUSYBOX, 'true')).code).toBe(0);
  });
});

/** The finer limits, by the files in which the kernel keeps them. */
integration('finer limits', () => {
  const gocker = useGocker();
  const BUSYBOX = image('busybox:1');
  beforeAll(() => gocker(['pull', BUSYBOX]));
  const read = async (flags: string[], v1: string, v2: string) => {
    const line = `cd /sys/fs/cgroup; if [ -e cgroup.controllers ]; then cat ${v2}; else cat ${v1}; fi`;
    const { code, stdout, stderr } = await gocker([
      'run',
      '--network=none',
      '--rm',
      ...flags,
      BUSYBOX,
      'sh',
      '-c',
      line,
    ]);
    return { code, stdout: stdout.trim(), stderr };
  };

  test.each([
    ['--cpu-shares=512', 'cpu/cpu.shares', 'cpu.weight', ['512', '20']],
    ['--cpu-quota=25000', 'cpu/cpu.cfs_quota_us', 'cpu.max', ['25000', '25000 100000']],
    ['--cpuset-cpus=0', 'cpuset/cpuset.cpus', 'cpuset.cpus', ['0', '0']],
    ['--memory-reservation=32m', 'memory/memory.soft_limit_in_bytes', 'memory.low', ['33554432', '33554432']],
  ])('%s', async (flag, v1, v2, [old, unified]) => {
    const { code, stdout } = await read([flag], v1, v2);
    expect(code).toBe(0);
    expect([old, unified]).toContain(stdout);
  });

  test('what only cgroup v1 has is left out with a warning elsewhere', async () => {
    const flags = ['--memory-swappiness=10', '--oom-kill-disable', '--memory=64m'];
    const { code, stdout, stderr } = await read(flags, 'memory/memory.swappiness', 'memory.max');
    expect(code).toBe(0);
    if (stdout === '10') expect(stderr).toBe('');
    else expect(stderr).toMatch(/swappiness.*\n.*OomKillDisable/);
  });

  test('weights of block I/O are set, or a warning says why not', async () => {
    const { code, stderr } = await read(['--blkio-weight=300'], 'blkio/blkio.*weight', 'io.*weight');
    expect(code).toBe(0);
    if (stderr.includes('WARNING')) expect(stderr).toContain('does not support Block I/O weight');
  });

  test('the program runs on the CPUs it was given', async () => {
    const list = ['grep', 'Cpus_allowed_list', '/proc/self/status'];
    const { stdout } = await gocker(['run', '--network=none', '--rm', '--cpuset-cpus=0', BUSYBOX, ...list]);
    expect(stdout).toBe('Cpus_allowed_list:\t0\n');
  });
});
