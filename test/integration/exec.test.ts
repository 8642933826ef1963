import { afterAll, beforeAll, expect, test } from 'vitest';
import { image, integration, type Running, useGocker } from './helpers.ts';

integration('exec', () => {
  const gocker = useGocker();
  let running: Running;
  const exec = (...args: string[]) => gocker(['exec', ...args]);

  beforeAll(async () => {
    const flags = ['--name', 'main', '-h', 'box', '-e', 'A=run', '-w', '/srv', '--mem=64m', '--pids=32'];
    running = gocker.start([
      'run',
      '--rm',
      ...flags,
      image('busybox:1'),
      'sh',
      '-c',
      'echo up >/srv/file; echo up; exec sleep 600',
    ]);
    await running.waitFor('up');
  });
  afterAll(async () => {
    await gocker(['rm', '-f', 'main']);
    await running.ended;
  });

  test('sees the container: processes, files, host name, environment, directory, limits', async () => {
    const script =
      'cat /proc/1/comm file; hostname; pwd; echo $A; cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max 2>/dev/null';
    expect((await exec('main', 'sh', '-c', script)).stdout).toBe('sleep\nup\nbox\n/srv\nrun\n32\n');
  });

  test('takes environment, directory and user of its own', async () => {
    const { stdout } = await exec(
      '-e',
      'A=exec',
      '-e',
      'B',
      '-w',
      '/tmp',
      '-u',
      '7:8',
      'main',
      'sh',
      '-c',
      'echo $A-$B; pwd; id -u; id -g',
    );
    expect(stdout).toBe('exec-\n/tmp\n7\n8\n');
  });

  test('finds the container by ID and by the beginning of it', async () => {
    const id = (await gocker(['ps', '-q', '--no-trunc'])).stdout.trim();
    for (const name of [id, id.slice(0, 12), id.slice(0, 4)]) expect((await exec(name, 'true')).code).toBe(0);
  });

  test.each([0, 1, 125, 126, 127, 255])('hands on exit code %i', async (code) => {
    expect((await exec('main', 'sh', '-c', `exit ${code}`)).code).toBe(code);
  });

  test('hands on the death by a signal, and all that follows CONTAINER', async () => {
    expect((await exec('main', 'sh', '-c', 'kill -9 $$')).code).toBe(137);
    expect((await exec('main', 'echo', '-e', '--', '--help')).stdout).toBe('-- --help\n');
  });

  test.each([
    [['main', 'nosuch'], 127, /nosuch/],
    [['main', '/etc/passwd'], 126, /\/etc\/passwd/],
    [['nosuch', 'true'], 125, /No such container: nosuch/],
    [['main'], 125, /missing COMMAND/],
    [['--nosuch', 'main', 'true'], 125, /unknown flag: --nosuch/],
    [['-w', '/nosuch', 'main', 'true'], 126, /\/nosuch/],
    [['-it', 'main', 'sh'], 125, /not a terminal/],
  ])('of %j is %i, with a reason', async (args, code, words) => {
    const result = await exec(...args);
    expect(result.code).toBe(code);
    expect(result.stderr).toMatch(words);
    expect(result.stderr).not.toContain('    at ');
  });

  test('reads its input with -i, and nothing without', async () => {
    expect((await gocker(['exec', '-i', 'main', 'cat'], { input: 'hello' })).stdout).toBe('hello');
    expect((await gocker(['exec', 'main', 'cat'], { input: 'hello' })).stdout).toBe('');
  });

  test('hands signals on', async () => {
    const second = gocker.start([
      'exec',
      'main',
      'sh',
      '-c',
      'trap "exit 9" TERM; echo ready; while :; do sleep 0.1; done',
    ]);
    await second.waitFor('ready');
    second.child.kill('SIGTERM');
    expect((await second.ended).code).toBe(9);
  });

  test('is refused in a container that has ended', async () => {
    await gocker(['run', '--name', 'ended', image('busybox:1'), 'true']);
    const refused = await exec('ended', 'true');
    expect(refused).toMatchObject({ code: 125, stderr: expect.stringContaining('is not running') });
    await gocker(['rm', 'ended']);
  });
});
