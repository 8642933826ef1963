/** The machine went down and came up again: nothing of the last boot is taken for something of this one. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lives, useContainers } from './containers.ts';
import { GOCKER, integration } from './helpers.ts';

integration('a reboot', () => {
  const { gocker, busybox, detached, directoryOf, processes } = useContainers();
  const boot = join(gocker.env.HOME!, 'boot-id');

  /** gocker as the next boot has it: another boot id, in mounts of its own. */
  const booted = (...args: string[]) => {
    writeFileSync(boot, '01234567-89ab-cdef-0123-456789abcdef\n');
    const script = `mount --bind '${boot}' /proc/sys/kernel/random/boot_id && exec "$@"`;
    const command = ['-m', 'sh', '-c', script, 'sh', process.execPath, GOCKER, ...args];
    return execFileSync('unshare', command, { env: gocker.env, encoding: 'utf8', timeout: 60_000 });
  };

  /** What is left of containers when the power goes: their records. */
  async function powerCut(ids: string[]): Promise<void> {
    for (const id of ids) {
      const { monitor, program } = processes(id);
      process.kill(monitor, 'SIGKILL');
      await expect.poll(() => lives(program)).toBe(false);
    }
    rmSync(gocker.env.GOCKER_RUN!, { recursive: true, force: true });
  }

  test('ends everything, and `system boot` starts what its policy asks for', async () => {
    const start = async (name: string, ...flags: string[]) =>
      (await detached(name, ...flags, busybox, 'sleep', '600')).stdout;
    const ids = await Promise.all([
      start('plain'),
      start('always', '--restart', 'always'),
      start('unless', '--restart', 'unless-stopped'),
      start('failing', '--restart', 'on-failure'),
      start('gone', '--rm'),
    ]);
    await start('stopped', '--restart', 'unless-stopped');
    await gocker(['stop', '-t', '0', 'stopped']);
    await powerCut(ids);
    const [{ State }] = JSON.parse(booted('inspect', 'plain'));
    expect(State).toMatchObject({ Status: 'exited', ExitCode: 255, Pid: 0 });
    expect(Date.parse(State.FinishedAt)).toBeGreaterThanOrEqual(Date.parse(State.StartedAt));
    expect(booted('ps', '-q')).toBe('');
    expect(booted('system', 'boot').trim().split('\n').sort()).toEqual(['always', 'failing', 'unless']);
    expect(booted('ps', '--format', '{{.Names}}').trim().split('\n').sort()).toEqual([
      'always',
      'failing',
      'unless',
    ]);
    expect(booted('ps', '-a', '--format', '{{.Names}}')).not.toContain('gone');
    booted('rm', '-f', 'always', 'failing', 'unless', 'plain', 'stopped');
  });

  test('a process that has the pid and start time of one before it is left alone', async () => {
    const victim = (await detached('victim', busybox, 'sleep', '600')).stdout;
    const id = (await detached('stale', busybox, 'sleep', '600')).stdout;
    const other = JSON.parse(readFileSync(join(directoryOf(victim), 'state.json'), 'utf8'));
    const path = join(directoryOf(id), 'state.json');
    await powerCut([id]);
    const state = JSON.parse(readFileSync(path, 'utf8'));
    const before = '11111111-2222-3333-4444-555555555555';
    expect(other.identity.bootId).toMatch(/^[0-9a-f-]{36}$/);
    state.supervisor = { ...other.supervisor, bootId: before };
    state.identity = { ...other.identity, bootId: before };
    writeFileSync(path, JSON.stringify(state));
    expect((await gocker(['kill', 'stale'])).code).toBe(1);
    expect((await gocker(['stop', '-t', '0', 'stale'])).code).toBe(0);
    expect((await gocker(['rm', '-f', 'stale'])).code).toBe(0);
    expect(lives(processes(victim).program)).toBe(true);
  });

  test('`system enable` writes the unit that a boot reads', async () => {
    const directory = join(gocker.env.HOME!, 'units');
    const written = (await gocker(['system', 'enable', '--directory', directory])).stdout.trim();
    expect(written).toBe(join(directory, 'gocker-boot.service'));
    const unit = readFileSync(written, 'utf8');
    expect(unit).toContain(`"--root" "${gocker.root}"`);
    expect((await gocker(['system', 'enable', '--print'])).stdout).toBe(unit);
    const [, line = ''] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
    expect(execFileSync('sh', ['-c', line], { env: gocker.env, encoding: 'utf8' })).toBe('');
  });
});
