import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { useContainers } from './containers.ts';
import { integration } from './helpers.ts';

integration('stop and kill', () => {
  const { gocker, busybox, detached, status } = useContainers();

  test('stop asks, waits, then kills; the exit code is the program’s', async () => {
    const trap = 'trap "exit 7" TERM; while :; do sleep 0.1; done';
    await detached('asks', busybox, 'sh', '-c', trap);
    await detached('deaf', busybox, 'sleep', '600');
    await detached('other', '--stop-signal', 'USR1', busybox, 'sh', '-c', trap.replace('TERM', 'USR1'));
    await sleep(300);
    const begin = performance.now();
    expect(await gocker(['stop', '-t', '2', 'asks', 'deaf', 'other'])).toMatchObject({
      code: 0,
      stdout: 'asks\ndeaf\nother\n',
    });
    const took = performance.now() - begin;
    expect(took).toBeGreaterThan(1900);
    expect(took).toBeLessThan(8000);
    expect(await status('asks')).toMatch(/^Exited \(7\) /);
    expect(await status('deaf')).toMatch(/^Exited \(137\) /);
    expect(await status('other')).toMatch(/^Exited \(7\) /);
    expect((await gocker(['stop', 'asks'])).code).toBe(0);
    expect((await gocker(['stop', 'nosuch'])).code).toBe(1);
  });

  test('stop, kill and rm of the same container at once: one end, one exit code', async () => {
    await detached('busy', busybox, 'sleep', '600');
    const all = await Promise.all([
      gocker(['stop', '-t', '30', 'busy']),
      gocker(['stop', '-t', '30', 'busy']),
      (async () => {
        await sleep(500);
        const begin = performance.now();
        expect(await status('busy')).toMatch(/^Up /);
        expect((await gocker(['rm', 'busy'])).code).toBe(1);
        expect(performance.now() - begin).toBeLessThan(5000);
        return await gocker(['kill', 'busy']);
      })(),
    ]);
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(await status('busy')).toMatch(/^Exited \(137\) /);
    expect((await gocker(['kill', 'busy'])).code).toBe(1);
  });

  test('a stop that is killed in mid-wait leaves a container that still can be stopped', async () => {
    await detached('deaf', busybox, 'sleep', '600');
    const stop = gocker.start(['stop', '-t', '60', 'deaf']);
    await sleep(700);
    stop.child.kill('SIGKILL');
    await stop.ended;
    expect(await status('deaf')).toMatch(/^Up /);
    expect((await gocker(['stop', '-t', '1', 'deaf'])).code).toBe(0);
    expect(await status('deaf')).toMatch(/^Exited \(137\) /);
  });

  test('kill sends any signal', async () => {
    const script =
      'for s in HUP USR1 USR2 WINCH; do trap "echo $s" $s; done; echo up; while :; do sleep 0.1; done';
    await detached('listens', busybox, 'sh', '-c', script);
    await sleep(300);
    for (const signal of ['HUP', 'SIGUSR1', '12', 'winch']) {
      expect((await gocker(['kill', '-s', signal, 'listens'])).code).toBe(0);
      await sleep(300);
    }
    expect((await gocker(['kill', '-s', 'NOSUCH', 'listens'])).code).toBe(1);
    expect((await gocker(['logs', 'listens'])).stdout).toBe('up\nHUP\nUSR1\nUSR2\nWINCH\n');
  });
});
