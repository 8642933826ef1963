import { afterEach, beforeAll, expect, test } from 'vitest';
import { image, integration, useGocker } from './helpers.ts';

integration('ps and rm', () => {
  const gocker = useGocker();
  const busybox = image('busybox:1');

  const all = async () => {
    const { stdout } = await gocker(['ps', '-a', '--format', '{{.Names}}: {{.Status}}']);
    return stdout.trim().split('\n').filter(Boolean);
  };

  beforeAll(async () => {
    await gocker(['pull', '-q', busybox]);
  });
  afterEach(async () => {
    const { stdout } = await gocker(['ps', '-aq']);
    const ids = stdout.trim().split('\n').filter(Boolean);
    if (ids.length > 0) await gocker(['rm', '-f', ...ids]);
  });

  /** A container whose program sleeps. */
  async function sleeping(name: string, ...flags: string[]) {
    const running = gocker.start([
      'run',
      ...flags,
      '--name',
      name,
      busybox,
      'sh',
      '-c',
      'echo up; exec sleep 600',
    ]);
    await running.waitFor('up');
    return running;
  }

  test('lists what runs, and with -a what has ended', async () => {
    await gocker(['run', '--name', 'ended', busybox, 'sh', '-c', 'exit 3']);
    await gocker(['run', '--name', 'never', busybox, 'nosuch']);
    const running = await sleeping('runs');
    const table = await gocker(['ps']);
    expect(table.stdout).toMatch(/^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES\n/);
    expect(table.stdout).toMatch(
      /\n[0-9a-f]{12} +\S+busybox:1 +"sh -c 'echo up; exe…" .* ago +Up .* +runs\n$/,
    );
    expect(await all()).toEqual([
      expect.stringMatching(/^runs: Up /),
      'never: Created',
      expect.stringMatching(/^ended: Exited \(3\) .* ago$/),
    ]);
    expect((await gocker(['ps', '-n', '2', '--format', '{{.Names}}'])).stdout).toBe('runs\nnever\n');
    expect((await gocker(['ps', '-l', '--format', '{{.Names}}'])).stdout).toBe('runs\n');
    expect((await gocker(['ps', '-q'])).stdout).toMatch(/^[0-9a-f]{12}\n$/);
    const row = JSON.parse((await gocker(['container', 'ls', '--format', 'json'])).stdout);
    expect(row).toMatchObject({ Names: 'runs', State: 'running', Image: busybox, Networks: 'bridge' });
    const [{ State }] = JSON.parse((await gocker(['container', 'inspect', 'runs'])).stdout);
    expect(State).toMatchObject({
      Status: 'running',
      Running: true,
      Pid: expect.any(Number),
      OOMKilled: false,
    });
    await gocker(['rm', '-f', 'runs']);
    expect((await running.ended).code).toBe(137);
  });

  test('says what ran out of memory', async () => {
    const script = 'x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done';
    expect((await gocker(['run', '--name', 'eater', '--mem=16m', busybox, 'sh', '-c', script])).code).toBe(
      137,
    );
    expect(await all()).toEqual([expect.stringMatching(/^eater: Exited \(137\) .* ago \(out of memory\)$/)]);
  });

  test('rm goes on after a failure, and says it with the exit code', async () => {
    await gocker(['run', '--name', 'one', busybox, 'true']);
    const running = await sleeping('two');
    const removed = await gocker(['rm', 'nosuch', 'two', 'one']);
    expect(removed).toMatchObject({ code: 1, stdout: 'one\n' });
    expect(removed.stderr).toContain('No such container: nosuch');
    expect(removed.stderr).toContain('cannot remove container "two"');
    expect(await gocker(['rm', '-f', 'two'])).toEqual({ code: 0, stdout: 'two\n', stderr: '' });
    await running.ended;
    expect(await all()).toEqual([]);
  });

  test('a killed gocker leaves nothing that the next command does not repair', async () => {
    const kept = await sleeping('kept');
    const removed = await sleeping('removed', '--rm');
    for (const { child } of [kept, removed]) child.kill('SIGKILL');
    await Promise.all([kept.ended, removed.ended]);
    expect(await all()).toEqual([expect.stringMatching(/^kept: Exited \(255\) /)]);
    expect((await gocker(['run', '--rm', '--name', 'removed', busybox, 'true'])).code).toBe(0);
  });

  test('a gocker killed at any moment leaves nothing that is not repaired or listed', async () => {
    for (let wait = 30; wait < 330; wait += 15) {
      const running = gocker.start(['run', '--rm', '--name', 'unlucky', busybox, 'sleep', '1']);
      setTimeout(() => running.child.kill('SIGKILL'), wait);
      await running.ended;
      expect(await all()).toEqual([]);
    }
    expect((await gocker(['run', '--rm', '--name', 'unlucky', busybox, 'true'])).code).toBe(0);
  });

  test('version and info say where gocker is', async () => {
    const { Client } = JSON.parse((await gocker(['version', '--format', 'json'])).stdout);
    expect(Client).toMatchObject({ NodeVersion: process.versions.node, Os: 'linux' });
    expect((await gocker(['--version'])).stdout).toMatch(new RegExp(`^gocker/${Client.Version} `));
    const info = JSON.parse((await gocker(['info', '--format', 'json'])).stdout);
    expect(info).toMatchObject({ Containers: 0, Images: 1, Driver: 'overlayfs', GockerRootDir: gocker.root });
    expect(info.Limits).toEqual(expect.arrayContaining(['memory', 'cpu', 'pids']));
    expect((await gocker(['info'])).stdout).toContain(`Gocker Root Dir: ${gocker.root}\n`);
  });
});
