import { afterEach, beforeAll, expect, test } from 'vitest';
import { image, integration, useGocker } from './helpers.ts';

/** Containers that run, changed and watched from outside. */
integration('changing containers', () => {
  const gocker = useGocker();
  const BUSYBOX = image('busybox:1');
  beforeAll(() => gocker(['pull', '-q', BUSYBOX]));
  afterEach(async () => {
    const { stdout } = await gocker(['ps', '-aq']);
    const ids = stdout.split('\n').filter(Boolean);
    if (ids.length > 0) await gocker(['rm', '-f', ...ids]);
  });

  async function start(name: string, script: string, ...flags: string[]) {
    const running = gocker.start([
      'run',
      '--name',
      name,
      ...flags,
      BUSYBOX,
      'sh',
      '-c',
      `echo up; ${script}`,
    ]);
    await running.waitFor('up');
    return running;
  }
  const stateOf = async (name: string) =>
    (await gocker(['inspect', '-f', '{{.State.Status}}', name])).stdout.trim();

  test('a paused container stands still', async () => {
    const running = await start('ticks', 'while :; do echo tick; sleep 0.05; done');
    expect(await gocker(['pause', 'ticks'])).toEqual({ code: 0, stdout: 'ticks\n', stderr: '' });
    expect(await stateOf('ticks')).toBe('paused');
    expect((await gocker(['ps', '--format', '{{.Status}} {{.State}}'])).stdout).toMatch(
      /^Up .* \(Paused\) paused\n$/,
    );
    const before = running.output().stdout.length;
    expect((await gocker(['exec', 'ticks', 'true'])).stderr).toContain('is paused');
    expect((await gocker(['pause', 'ticks'])).stderr).toContain('already paused');
    expect(running.output().stdout.length - before).toBeLessThan(20);
    expect(await gocker(['unpause', 'ticks'])).toEqual({ code: 0, stdout: 'ticks\n', stderr: '' });
    expect(await stateOf('ticks')).toBe('running');
    expect((await gocker(['unpause', 'ticks'])).stderr).toContain('not paused');
    expect((await gocker(['exec', 'ticks', 'true'])).code).toBe(0);
    const stopped = running.output().stdout.length;
    await expect.poll(() => running.output().stdout.length).toBeGreaterThan(stopped);
    expect((await gocker(['rm', '-f', 'ticks'])).code).toBe(0);
    expect((await gocker(['pause', 'ticks'])).stderr).toContain('No such container');
  });

  test('rm -f removes a paused one', async () => {
    const running = await start('frozen', 'sleep 600 & sleep 600');
    await gocker(['pause', 'frozen']);
    expect(await gocker(['rm', '-f', 'frozen'])).toEqual({ code: 0, stdout: 'frozen\n', stderr: '' });
    expect((await running.ended).code).toBe(137);
  });

  test('a paused one that is to be stopped or killed goes on to its end', async () => {
    for (const how of [['stop', '-t', '1'], ['kill']]) {
      await gocker(['run', '-d', '--name', 'stopped', BUSYBOX, 'sleep', '600']);
      await gocker(['pause', 'stopped']);
      expect((await gocker([...how, 'stopped'])).code).toBe(0);
      await expect.poll(() => stateOf('stopped')).toBe('exited');
      await gocker(['rm', 'stopped']);
    }
  });

  test('limits change while it runs', async () => {
    await start('grows', 'exec sleep 600', '-m', '64m', '--pids=50');
    const v2 = 'cat memory.max pids.max; cut -d" " -f1 cpu.max';
    const v1 = 'cat memory/memory.limit_in_bytes pids/pids.max cpu/cpu.cfs_quota_us';
    const script = `cd /sys/fs/cgroup; if [ -e cgroup.controllers ]; then ${v2}; else ${v1}; fi`;
    const limits = async () =>
      (await gocker(['exec', 'grows', 'sh', '-c', script])).stdout.trim().split('\n');
    expect((await limits()).slice(0, 2)).toEqual([String(64 * 2 ** 20), '50']);
    const update = ['--memory=256m', '--memory-swap=256m', '--pids-limit=20', '--cpus=0.5'];
    expect(await gocker(['update', ...update, 'grows'])).toEqual({ code: 0, stdout: 'grows\n', stderr: '' });
    expect(await limits()).toEqual([String(256 * 2 ** 20), '20', '50000']);
    await gocker(['update', '-m', '32m', 'grows']);
    expect((await limits())[0]).toBe(String(32 * 2 ** 20));
    const [{ HostConfig }] = JSON.parse((await gocker(['inspect', 'grows'])).stdout);
    expect(HostConfig).toMatchObject({
      Memory: 32 * 2 ** 20,
      MemorySwap: 256 * 2 ** 20,
      PidsLimit: 20,
      NanoCpus: 5e8,
    });
    const tooMuch = await gocker(['update', '-m', '512m', 'grows']);
    expect([tooMuch.code, tooMuch.stderr]).toEqual([1, expect.stringContaining('--memory-swap')]);
    expect((await gocker(['update', 'grows'])).stderr).toContain('no limit is given');
  });

  test('rename', async () => {
    const running = await start('before', 'exec sleep 600');
    expect(await gocker(['rename', 'before', 'after'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await gocker(['ps', '--format', '{{.Names}}'])).stdout).toBe('after\n');
    await gocker(['run', '--name', 'before', BUSYBOX, 'true']);
    expect((await gocker(['rename', 'before', 'after'])).stderr).toContain('already in use');
    await gocker(['rm', '-f', 'after']);
    await running.ended;
    expect((await gocker(['run', '--rm', '--name', 'after', BUSYBOX, 'true'])).code).toBe(0);
  });

  test('top and stats', async () => {
    await start('busy', 'sleep 601 & while :; do :; done', '-m', '64m');
    const top = await gocker(['top', 'busy']);
    expect(top.stdout).toMatch(/^UID +PID +PPID .*CMD\n/);
    expect(top.stdout).toContain('sleep 601');
    expect((await gocker(['top', 'busy', '-o', 'pid,comm'])).stdout).toMatch(/^PID +COMMAND\n\d+ +\w+\n/);
    expect((await gocker(['top', 'busy', '-o', 'comm'])).code).toBe(1);
    const table = (await gocker(['stats', '--no-stream'])).stdout;
    expect(table).toMatch(
      /^CONTAINER ID +NAME +CPU % +MEM USAGE \/ LIMIT +MEM % +NET I\/O +BLOCK I\/O +PIDS\n/,
    );
    const [stats] = JSON.parse((await gocker(['stats', '--json', 'busy'])).stdout);
    expect(stats).toMatchObject({ name: 'busy', memoryLimit: 64 * 2 ** 20, processes: 2 });
    expect(stats.cpu).toBeGreaterThan(20);
    const line = (await gocker(['stats', '--no-stream', '--format', '{{.Name}} {{.MemUsage}}'])).stdout;
    expect(line).toMatch(/^busy [\d.]+[KM]iB \/ 64MiB\n$/);
  });

  test('what does not run has no processes, and prune takes it', async () => {
    await gocker(['run', '--name', 'done', '-l', 'keep', BUSYBOX, 'true']);
    await start('runs', 'exec sleep 600');
    expect((await gocker(['top', 'done'])).stderr).toContain('is not running');
    expect((await gocker(['pause', 'done'])).stderr).toContain('is not running');
    expect((await gocker(['container', 'prune'])).stdout).toMatch(/^WARNING! .*\nAre you sure/);
    expect((await gocker(['container', 'prune', '-f', '--filter', 'label!=keep'])).stdout).toBe(
      'Total reclaimed space: 0B\n',
    );
    const pruned = await gocker(['container', 'prune'], { input: 'y\n' });
    expect(pruned.stdout).toMatch(/Deleted Containers:\n[0-9a-f]{64}\n\nTotal reclaimed space: 0B\n$/);
    expect((await gocker(['ps', '-a', '--format', '{{.Names}}'])).stdout).toBe('runs\n');
  });
});
