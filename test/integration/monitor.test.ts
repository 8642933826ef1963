import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { lives, useContainers } from './containers.ts';
import { integration } from './helpers.ts';

integration('the monitor', () => {
  const { gocker, busybox, detached, status, directoryOf, processes } = useContainers();

  test('a restart policy starts it again, and counts', async () => {
    await detached('failing', '--restart', 'on-failure:2', busybox, 'sh', '-c', 'echo run; exit 5');
    await detached('fine', '--restart', 'on-failure', busybox, 'echo', 'run');
    await detached('always', '--restart', 'always', busybox, 'sh', '-c', 'echo run');
    await sleep(2500);
    expect(await status('failing')).toMatch(/^Exited \(5\) /);
    expect((await gocker(['logs', 'failing'])).stdout).toBe('run\n'.repeat(3));
    expect((await gocker(['logs', 'fine'])).stdout).toBe('run\n');
    expect((await gocker(['logs', 'always'])).stdout.length).toBeGreaterThan('run\n'.length * 2);
    expect((await gocker(['stop', '-t', '1', 'always'])).code).toBe(0);
    const runs = (await gocker(['logs', 'always'])).stdout;
    await sleep(1500);
    expect((await gocker(['logs', 'always'])).stdout).toBe(runs);
    expect((await gocker(['run', '--rm', '--restart', 'always', busybox, 'true'])).code).toBe(125);
  });

  test('a health check tells how it is', async () => {
    const flags = [
      '--health-interval',
      '200ms',
      '--health-retries',
      '2',
      '--health-cmd',
      'echo seen; test -e /well',
    ];
    await detached('patient', ...flags, busybox, 'sleep', '600');
    const health = async () =>
      JSON.parse(
        readFileSync(
          join(directoryOf((await gocker(['ps', '-q', '--no-trunc'])).stdout), 'state.json'),
          'utf8',
        ),
      ).health;
    expect((await health()).status).toBe('starting');
    await expect.poll(async () => (await health()).status, { timeout: 10_000 }).toBe('unhealthy');
    await gocker(['exec', 'patient', 'touch', '/well']);
    await expect.poll(async () => (await health()).status, { timeout: 10_000 }).toBe('healthy');
    expect((await health()).log.at(-1)).toMatchObject({ exitCode: 0, output: 'seen\n' });
  });

  test('a killed monitor: the next command sees the truth, and all is free again', async () => {
    const { stdout: id } = await detached(
      'orphan',
      '--restart',
      'always',
      busybox,
      'sh',
      '-c',
      'echo before; sleep 600',
    );
    await sleep(200);
    const { monitor, program } = processes(id);
    process.kill(monitor, 'SIGKILL');
    expect(await status('orphan')).toMatch(/^Exited \(255\) /);
    expect(lives(program)).toBe(false);
    expect(existsSync(join(gocker.env.GOCKER_RUN!, id.trim()))).toBe(false);
    const [{ State }] = JSON.parse((await gocker(['container', 'inspect', 'orphan'])).stdout);
    expect(State).toMatchObject({
      Status: 'exited',
      ExitCode: 255,
      OOMKilled: false,
      Error: expect.stringContaining('killed'),
    });
    expect((await gocker(['logs', 'orphan'])).stdout).toBe('before\n');
    for (const verb of ['stop', 'start', 'stop']) {
      expect((await gocker([verb, ...(verb === 'stop' ? ['-t', '0'] : []), 'orphan'])).code).toBe(0);
    }
    expect((await gocker(['rm', 'orphan'])).code).toBe(0);
    expect((await detached('orphan', '--rm', busybox, 'sleep', '600')).code).toBe(0);
  });

  test('a monitor that stands still is in nobody’s way', async () => {
    const { stdout: id } = await detached('still', busybox, 'sleep', '600');
    const { monitor, program } = processes(id);
    process.kill(monitor, 'SIGSTOP');
    expect(await status('still')).toMatch(/^Up /);
    expect(await gocker(['rm', '-f', 'still'])).toMatchObject({ code: 0, stderr: '' });
    for (const pid of [monitor, program]) expect(lives(pid)).toBe(false);
    expect(await status('still')).toBeUndefined();
  });

  test('a recycled pid is never signalled', async () => {
    const victim = gocker.start(['run', '--rm', '--name', 'victim', busybox, 'sleep', '600']);
    await expect.poll(() => status('victim')).toMatch(/^Up /);
    const { stdout: id } = await detached('stale', busybox, 'sleep', '600');
    const path = join(directoryOf(id), 'state.json');
    const { monitor } = processes(id);
    process.kill(monitor, 'SIGKILL');
    await sleep(100);
    const state = JSON.parse(readFileSync(path, 'utf8'));
    for (const key of ['supervisor', 'identity']) state[key] = { ...state[key], pid: victim.child.pid };
    writeFileSync(path, JSON.stringify(state));
    expect((await gocker(['kill', 'stale'])).code).toBe(1);
    expect((await gocker(['stop', 'stale'])).code).toBe(0);
    expect((await gocker(['rm', '-f', 'stale'])).code).toBe(0);
    expect(victim.child.exitCode).toBeNull();
    expect(await status('victim')).toMatch(/^Up /);
    await gocker(['rm', '-f', 'victim']);
    await victim.ended;
  });

  test('out of memory is told, somebody’s kill -9 is not', async () => {
    const eat = 'x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done';
    await detached('eater', '--mem=16m', busybox, 'sh', '-c', eat);
    await detached('killed', busybox, 'sleep', '600');
    await gocker(['kill', 'killed']);
    await gocker(['wait', 'eater', 'killed']);
    expect(await status('eater')).toMatch(/^Exited \(137\) .*out of memory/);
    expect(await status('killed')).toMatch(/^Exited \(137\) [^(]*$/);
  });

  test('twenty run -d at once, and rm -f of all', async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) => detached(`many${index}`, busybox, 'sleep', '600')),
    );
    expect(all.filter(({ code }) => code !== 0)).toEqual([]);
    const ids = (await gocker(['ps', '-q'])).stdout.split('\n').filter(Boolean);
    expect(ids).toHaveLength(20);
    expect((await gocker(['rm', '-f', ...ids])).code).toBe(0);
    expect(readdirSync(join(gocker.root, 'containers'))).toEqual([]);
  });
});
