import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { openSocketPath } from '../../src/container/monitor/socket.ts';
import { image, integration, useGocker } from './helpers.ts';

integration('logs', () => {
  const gocker = useGocker();
  const busybox = image('busybox:1');

  beforeAll(async () => {
    await gocker(['pull', '-q', busybox]);
  });
  afterEach(async () => {
    const ids = (await gocker(['ps', '-aq'])).stdout.split('\n').filter(Boolean);
    if (ids.length > 0) await gocker(['rm', '-f', ...ids]);
  });

  const finished = async (name: string, script: string, ...flags: string[]) => {
    const { stdout } = await gocker(['run', '-d', '--name', name, ...flags, busybox, 'sh', '-c', script]);
    await gocker(['wait', name]);
    return stdout.trim();
  };
  const logPath = (id: string) => join(gocker.root, 'containers', id, `${id}-json.log`);
  const sha = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');

  test('stdout and stderr stay apart, of the foreground too', async () => {
    const script = 'echo out; echo err >&2; printf end';
    const id = await finished('apart', script);
    expect(await gocker(['logs', 'apart'])).toMatchObject({ code: 0, stdout: 'out\nend', stderr: 'err\n' });
    const [first] = readFileSync(logPath(id), 'utf8').split('\n');
    expect(JSON.parse(first!)).toEqual({
      log: 'out\n',
      stream: 'stdout',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/),
    });
    await gocker(['run', '--name', 'front', busybox, 'sh', '-c', script]);
    expect(await gocker(['logs', 'front'])).toMatchObject({ stdout: 'out\nend', stderr: 'err\n' });
  });

  test('--tail, --since, --until, -t', async () => {
    await finished('lines', 'for i in 1 2 3 4 5; do echo $i; done; sleep 1.2; echo late');
    const logs = async (...flags: string[]) => (await gocker(['logs', ...flags, 'lines'])).stdout;
    expect(await logs('--tail', '2')).toBe('5\nlate\n');
    expect(await logs('-n', '0')).toBe('');
    expect(await logs('-n', '100')).toBe('1\n2\n3\n4\n5\nlate\n');
    const stamped = (await logs('-t'))
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
    expect(stamped.map(([, text]) => text)).toEqual(['1', '2', '3', '4', '5', 'late']);
    const late = stamped.at(-1)![0]!;
    expect(await logs('--since', late)).toBe('late\n');
    expect(await logs('--until', stamped[0]![0]!)).toMatch(/^1\n/);
    expect(await logs('--until', stamped[0]![0]!)).not.toContain('late');
    expect(await logs('--since', '1h')).toMatch(/^1\n/);
    expect(await logs('--since', '2000-01-01')).toMatch(/^1\n/);
    expect((await gocker(['logs', '--since', 'soon', 'lines'])).code).toBe(1);
  });

  test('-f goes on to the end', async () => {
    await gocker([
      'run',
      '-d',
      '--name',
      'slow',
      busybox,
      'sh',
      '-c',
      'for i in 1 2 3; do echo $i; sleep 0.5; done',
    ]);
    expect(await gocker(['logs', '-f', 'slow'])).toMatchObject({ code: 0, stdout: '1\n2\n3\n' });
  });

  test('700 kB without a newline, bytes that are no text, and characters across pieces', async () => {
    await finished('long', 'head -c 700000 /dev/zero | tr "\\0" x');
    expect((await gocker(['logs', 'long'])).stdout).toBe('x'.repeat(700_000));
    const script = 'i=0; while [ $i -lt 3 ]; do cat /bin/busybox; i=$((i+1)); done | tee /copy';
    const id = await finished('binary', script, '-v', `${gocker.root}:/host:ro`);
    const out = join(gocker.root, '../logs.out');
    await shell(`logs ${id} > ${out}`);
    const busyboxFile = readFileSync(out);
    const third = busyboxFile.subarray(0, busyboxFile.length / 3);
    expect(third.subarray(0, 4).toString('latin1')).toBe('\x7fELF');
    expect(sha(busyboxFile)).toBe(sha(Buffer.concat([third, third, third])));
    await finished('euro', 'printf a; i=0; while [ $i -lt 20000 ]; do printf €; i=$((i+1)); done');
    expect((await gocker(['logs', 'euro'])).stdout).toBe(`a${'€'.repeat(20_000)}`);
  });

  test('are rotated, and read across files', async () => {
    const flags = ['--log-opt', 'max-size=2k', '--log-opt', 'max-file=3'];
    const id = await finished(
      'round',
      'i=0; while [ $i -lt 100 ]; do echo line $i; i=$((i+1)); done',
      ...flags,
    );
    expect(existsSync(`${logPath(id)}.2`)).toBe(true);
    expect(existsSync(`${logPath(id)}.3`)).toBe(false);
    expect(statSync(`${logPath(id)}.1`).size).toBeLessThan(2300);
    const lines = (await gocker(['logs', 'round'])).stdout.trim().split('\n');
    expect(lines.at(-1)).toBe('line 99');
    expect(lines).toEqual(
      Array.from({ length: lines.length }, (_, index) => `line ${100 - lines.length + index}`),
    );
    expect((await gocker(['logs', '--tail', '40', 'round'])).stdout.split('\n')[0]).toBe('line 60');
  });

  test('--log-driver none keeps nothing; what there is not is refused', async () => {
    const id = await finished('none', 'echo out', '--log-driver', 'none');
    expect(existsSync(logPath(id))).toBe(false);
    expect(await gocker(['logs', 'none'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('log driver is none'),
    });
    expect((await gocker(['run', '--rm', '--log-opt', 'max-size=1x', busybox, 'true'])).code).toBe(125);
    expect((await gocker(['run', '--rm', '--log-opt', 'max-size=1m', busybox, 'true'])).code).toBe(0);
    expect((await gocker(['run', '--rm', '--log-driver', 'syslog', busybox, 'true'])).code).toBe(125);
    if (existsSync('/run/systemd/journal/socket')) return;
    const journal = await gocker(['run', '--rm', '--log-driver', 'journald', busybox, 'true']);
    expect(journal).toMatchObject({
      code: 125,
      stderr: expect.stringContaining('journald does not run here'),
    });
  });

  test('a flood and a reader that stalls slow the program down, and cost nothing', async () => {
    const flood =
      'sleep 1; i=0; while [ $i -lt 60000 ]; do echo "line $i of a flood that goes on"; i=$((i+1)); done';
    const flags = ['--log-opt', 'max-size=100m'];
    const id = (
      await gocker(['run', '-d', '--name', 'flood', ...flags, busybox, 'sh', '-c', flood])
    ).stdout.trim();
    const { supervisor } = JSON.parse(
      readFileSync(join(gocker.root, 'containers', id, 'state.json'), 'utf8'),
    );
    const place = openSocketPath(gocker.env.GOCKER_RUN!, id);
    const stalled = connect(place.path).once('connect', place.close);
    const hello = Buffer.from(JSON.stringify({ type: 'hello', stdin: false, output: true }));
    const header = Buffer.from([3, 0, 0, 0, hello.length]);
    stalled.pause();
    stalled.write(Buffer.concat([header, hello]));
    await sleep(3000);
    const written = async () => (await gocker(['logs', 'flood'])).stdout.length;
    const before = await written();
    await sleep(500);
    expect(await written()).toBe(before);
    expect((await gocker(['ps', '--format', '{{.Status}}'])).stdout).toMatch(/^Up /);
    const rss = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${supervisor.pid}/status`, 'utf8'))![1]);
    expect(rss).toBeLessThan(100_000);
    stalled.destroy();
    expect((await gocker(['wait', 'flood'])).stdout).toBe('0\n');
    const lines = (await gocker(['logs', 'flood'])).stdout.trim().split('\n');
    expect(lines).toEqual(
      Array.from({ length: 60_000 }, (_, index) => `line ${index} of a flood that goes on`),
    );
  });

  /** gocker with its output in a file, as bytes. */
  async function shell(line: string): Promise<void> {
    const { execFileSync } = await import('node:child_process');
    const script = `node ${join(import.meta.dirname, '../../bin/run.js')} ${line}`;
    execFileSync('sh', ['-c', script], { env: gocker.env, timeout: 60_000 });
  }
});
