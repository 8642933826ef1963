/** Logs that outgrow their file while somebody reads them, and those that journald keeps. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useContainers } from './containers.ts';
import { integration } from './helpers.ts';

integration('long logs', () => {
  const { gocker, busybox, detached, directoryOf } = useContainers();
  const numbers = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const logFiles = (id: string) =>
    readdirSync(directoryOf(id))
      .filter((name) => name.includes('-json.log'))
      .sort();

  test('are followed across many rotations, and no line is lost or twice there', async () => {
    const flags = ['--log-opt', 'max-size=200k', '--log-opt', 'max-file=60'];
    const { stdout: id } = await detached('runs', ...flags, busybox, 'sh', '-c', 'sleep 1; seq 1 100000');
    const { stdout, code } = await gocker(['logs', '-f', 'runs']);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n').map(Number)).toEqual(numbers(1, 100_000));
    expect(logFiles(id).length).toBeGreaterThan(20);
    expect((await gocker(['logs', 'runs'])).stdout).toBe(stdout);
  });

  test('are three files of 10 MB where nothing else is said', async () => {
    const { stdout: id } = await detached('default', busybox, 'seq', '1', '500000');
    expect((await gocker(['wait', 'default'])).stdout).toBe('0\n');
    const log = `${id.trim()}-json.log`;
    expect(logFiles(id)).toEqual([log, `${log}.1`, `${log}.2`]);
    for (const name of [`${log}.1`, `${log}.2`]) {
      const { size } = statSync(join(directoryOf(id), name));
      expect(size).toBeGreaterThanOrEqual(10_000_000);
      expect(size).toBeLessThan(10_300_000);
    }
    const lines = (await gocker(['logs', 'default'])).stdout.trimEnd().split('\n').map(Number);
    expect(lines).toEqual(numbers(500_001 - lines.length, 500_000));
  });

  test('--since and --until cut a log that is followed', async () => {
    const script = 'for i in 1 2 3 4 5 6; do echo $i; sleep 0.5; done';
    await detached('slow', busybox, 'sh', '-c', script);
    const until = new Date(Date.now() + 1500).toISOString();
    const cut = await gocker(['logs', '-f', '--until', until, 'slow']);
    expect(cut.stdout).toMatch(/^1\n/);
    expect(cut.stdout).not.toContain('6');
    await gocker(['wait', 'slow']);
    const rest = (await gocker(['logs', '--since', until, 'slow'])).stdout;
    expect(cut.stdout + rest).toBe('1\n2\n3\n4\n5\n6\n');
  });

  const journald = existsSync('/run/systemd/journal/socket');
  if (!journald) console.log('skipped: journald does not run here');
  test.skipIf(!journald)('go to journald, with the fields that docker gives them', async () => {
    const script = 'echo out; echo err >&2; printf "a\\377b\\n"';
    const { stdout: id } = await detached('journal', '--log-driver', 'journald', busybox, 'sh', '-c', script);
    await gocker(['wait', 'journal']);
    const read = () =>
      execFileSync('journalctl', [`CONTAINER_ID_FULL=${id.trim()}`, '-o', 'json', '-q'], { encoding: 'utf8' })
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    await expect.poll(() => read().length, { timeout: 10_000 }).toBe(3);
    expect(
      read().map(({ MESSAGE, PRIORITY, CONTAINER_NAME }) => [MESSAGE, PRIORITY, CONTAINER_NAME]),
    ).toEqual(
      expect.arrayContaining([
        ['out', '6', 'journal'],
        ['err', '3', 'journal'],
        [[97, 255, 98], '6', 'journal'],
      ]),
    );
    const refused = await gocker(['logs', 'journal']);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('journalctl CONTAINER_NAME=') });
  });
});
