import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { expectNoLeaks, integration, leakSnapshot } from './helpers.ts';

const root = join(import.meta.dirname, '../..');

integration('the quickstart', () => {
  test('pulls, lists, runs under limits, enters, and leaves nothing', async () => {
    const before = leakSnapshot();
    const { stdout } = await promisify(execFile)('bash', ['scripts/quickstart.sh'], {
      cwd: root,
      timeout: 120_000,
    });
    for (const line of [
      '$ gocker pull alpine',
      'hello from a container',
      '--mem=64m --cpus=0.5 --pids=16',
      'inside ',
    ]) {
      expect(stdout).toContain(line);
    }
    expect(stdout).toMatch(/alpine +latest/);
    expect(stdout).toMatch(/PID +USER[\s\S]*sleep 60/);
    await expectNoLeaks(before);
  });
});
