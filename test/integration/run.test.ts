import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { image, integration, useGocker } from './helpers.ts';

integration('run', () => {
  const gocker = useGocker();
  const busybox = image('busybox:1');
  const directory = mkdtempSync(join(tmpdir(), 'gocker-run-'));
  const run = (...args: string[]) => gocker(['run', '--rm', ...args]);

  beforeAll(async () => {
    await gocker(['pull', '-q', busybox]);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test('pulls what is missing, as --pull says', async () => {
    const zstd = image('busybox:zstd');
    const never = await run('--pull=never', zstd, 'true');
    expect(never).toMatchObject({ code: 125, stderr: expect.stringContaining('No such image') });
    const missing = await run(zstd, 'echo', 'hi');
    expect(missing).toMatchObject({ code: 0, stdout: 'hi\n' });
    expect(missing.stderr).toMatch(new RegExp(`^Unable to find image '${zstd}' locally\n`));
    expect(await run('--quiet', zstd, 'true')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await run('--pull=always', zstd, 'true')).stderr).toContain('Already exists');
    expect((await run('--pull=sometimes', zstd, 'true')).code).toBe(125);
  });

  test.each([0, 1, 7, 124, 125, 126, 127, 128, 255])('hands on exit code %i', async (code) => {
    expect((await run(busybox, 'sh', '-c', `exit ${code}`)).code).toBe(code);
  });

  test('hands on the death by a signal as 128 + n', async () => {
    expect((await run(busybox, 'sh', '-c', 'sh -c "kill -9 \\$\\$"; exit $?')).code).toBe(137);
  });

  test.each([
    [['nosuch'], 127, /"nosuch": .*not found/],
    [['/nosuch/program'], 127, /\/nosuch\/program/],
    [['/etc/passwd'], 126, /\/etc\/passwd/],
    [['/tmp'], 126, /\/tmp/],
  ])('of %j is %i, with a reason', async (command, code, words) => {
    const result = await run(busybox, ...command);
    expect(result.code).toBe(code);
    expect(result.stderr).toMatch(words);
  });

  test.each([
    [['--nosuch', busybox]],
    [[]],
    [['--name', 'a/b', busybox]],
    [['-v', 'a:/b:c:d', busybox]],
    [['--network', 'nosuch', busybox]],
    [['-w', 'relative', busybox]],
    [['UPPER']],
  ])('exits 125 for %j', async (args) => {
    const result = await run(...args);
    expect(result).toMatchObject({ code: 125, stdout: '' });
    expect(result.stderr).toMatch(/^gocker: /);
    expect(result.stderr).not.toContain('    at ');
  });

  test.each([
    [['sh', '-c', 'echo a b a'], 'a b a\n'],
    [['echo', '--help'], '--help\n'],
    [['echo', '--', '-x', '--rm=false'], '-- -x --rm=false\n'],
    [['echo', '-e', 'x\\ty'], 'x\ty\n'],
    [['printf', '%s|', '', ' ', '*', "'", '"', '\n', 'ü'], '| |*|\'|"|\n|ü|'],
  ])('hands on %j unchanged', async (command, stdout) => {
    expect(await run(busybox, ...command)).toEqual({ code: 0, stdout, stderr: '' });
  });

  test('shows its own help where --help is its own', async () => {
    const { code, stdout } = await gocker(['run', '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('--memory-swap');
  });

  test('builds the environment as docker does', async () => {
    const file = join(directory, 'env');
    writeFileSync(file, '# comment\nFILE=from file\nBOTH=file\nHANDED\n');
    const { stdout } = await gocker(
      [
        'run',
        '--rm',
        '-h',
        'box',
        '-e',
        'FLAG=a=b',
        '--env-file',
        file,
        '-e',
        'BOTH=flag',
        '-e',
        'GIVEN',
        '-e',
        'PATH=/usr/bin:/bin',
        busybox,
        'env',
      ],
      { env: { GIVEN: 'given', HANDED: 'handed', SECRET: 'x' } },
    );
    expect(stdout.trim().split('\n').sort()).toEqual([
      'BOTH=flag',
      'FILE=from file',
      'FLAG=a=b',
      'GIVEN=given',
      'HANDED=handed',
      'HOME=/root',
      'HOSTNAME=box',
      'PATH=/usr/bin:/bin',
    ]);
  });

  test('takes user, directory, entrypoint and host name', async () => {
    const { stdout } = await run(
      '-u',
      '1000:33',
      '-w',
      '/new/dir',
      '-h',
      'box',
      '--entrypoint',
      'sh',
      busybox,
      '-c',
      'id -u; id -g; pwd; hostname; cat /etc/hostname',
    );
    expect(stdout).toBe('1000\n33\n/new/dir\nbox\nbox\n');
    expect((await run('--entrypoint', 'true', busybox)).code).toBe(0);
    const none = await run('--entrypoint', '', busybox);
    expect(none).toMatchObject({ code: 125, stderr: expect.stringContaining('no command given') });
  });

  test('binds directories and files, read-only where asked', async () => {
    writeFileSync(join(directory, 'file'), 'content\n');
    const result = await run(
      ...[
        '-v',
        `${directory}:/rw`,
        '-v',
        `${directory}/file:/etc/one:ro`,
        '-v',
        `${directory}/made/here:/new`,
        busybox,
      ],
      ...['sh', '-c', 'cat /etc/one; echo x >/rw/written; echo x >/etc/one; echo $?; ls -d /new'],
    );
    expect(result.stdout).toBe('content\n1\n/new\n');
    expect(readFileSync(join(directory, 'written'), 'utf8')).toBe('x\n');
    expect(statSync(join(directory, 'made/here')).isDirectory()).toBe(true);
    mkdirSync(join(directory, 'relative'));
    const relative = await gocker(['run', '--rm', '-v', './relative:/r', busybox, 'touch', '/r/x'], {
      cwd: directory,
    });
    expect(relative.code).toBe(0);
    expect(statSync(join(directory, 'relative/x')).size).toBe(0);
  });

  test('gives /etc/hosts and /etc/resolv.conf of its own', async () => {
    const { stdout } = await run(busybox, 'cat', '/etc/hosts', '/etc/resolv.conf');
    expect(stdout).toMatch(/^127\.0\.0\.1\tlocalhost\n::1\tlocalhost/);
    const host = await run('--network', 'host', busybox, 'cat', '/etc/hosts');
    expect(host.stdout).toBe(readFileSync('/etc/hosts', 'utf8'));
  });

  test('hands signals on to the program', async () => {
    const script =
      'trap "echo usr1" USR1; trap "echo term; exit 5" TERM; echo ready; while :; do sleep 0.1; done';
    const running = gocker.start(['run', '--rm', busybox, 'sh', '-c', script]);
    await running.waitFor('ready');
    running.child.kill('SIGUSR1');
    await running.waitFor('usr1');
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 5, stdout: 'ready\nusr1\nterm\n' });
  });

  test('is not stopped by a program that ignores signals: the third one kills', async () => {
    const running = gocker.start(['run', '--rm', busybox, 'sh', '-c', 'echo ready; exec sleep 60']);
    await running.waitFor('ready');
    for (const _ of [1, 2, 3]) running.child.kill('SIGINT');
    // Signals that arrive together may be seen as one.
    const again = setInterval(() => running.child.kill('SIGINT'), 50);
    expect((await running.ended).code).toBe(137);
    clearInterval(again);
  });

  test('takes names once', async () => {
    const running = gocker.start([
      'run',
      '--rm',
      '--name',
      'taken',
      busybox,
      'sh',
      '-c',
      'echo up; sleep 60',
    ]);
    await running.waitFor('up');
    const second = await run('--name', 'taken', busybox, 'true');
    expect(second.code).toBe(125);
    expect(second.stderr).toMatch(/the container name "taken" is already in use by container [0-9a-f]{12}/);
    await gocker(['rm', '-f', 'taken']);
    expect((await running.ended).code).toBe(137);
    expect((await run('--name', 'taken', busybox, 'true')).code).toBe(0);
  });

  test('twenty at once all work', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, (_, at) => run(busybox, 'echo', String(at))));
    expect(all).toEqual(all.map((_, at) => ({ code: 0, stdout: `${at}\n`, stderr: '' })));
  });
});
