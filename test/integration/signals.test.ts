/** What a foreground program hears of the signals that gocker gets. */
import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { forwardedSignals } from '../../src/cli/forwarded-signals.ts';
import { useContainers } from './containers.ts';
import { integration, type Running } from './helpers.ts';

integration('signals', () => {
  const { gocker, busybox, detached } = useContainers();
  const numbers = forwardedSignals(false).map((name) => constants.signals[name]);
  const heard = numbers.map((number) => `got ${number}`);
  const listen = [
    `for i in ${numbers.join(' ')}; do trap "echo got $i" $i; done`,
    'echo ready; while :; do sleep 0.05; done',
  ].join('\n');

  /** One after the other: two that wait at once come in the order of their numbers. */
  async function sendAll({ child, waitFor, output }: Running): Promise<string[]> {
    for (const number of numbers) {
      child.kill(number);
      await waitFor(`got ${number}\n`);
    }
    return output()
      .stdout.split('\n')
      .filter((line) => line.startsWith('got'));
  }

  test('run hands on each one', async () => {
    const run = gocker.start(['run', '--name', 'hears', busybox, 'sh', '-c', listen]);
    await run.waitFor('ready');
    expect(await sendAll(run)).toEqual(heard);
    await gocker(['rm', '-f', 'hears']);
    expect((await run.ended).code).toBe(137);
  });

  test('attach and exec do, too', async () => {
    await detached('hears', busybox, 'sh', '-c', listen.replace('echo ready; ', 'sleep 2; echo ready; '));
    const attached = gocker.start(['attach', 'hears']);
    const exec = gocker.start(['exec', 'hears', 'sh', '-c', listen]);
    await Promise.all([attached.waitFor('ready'), exec.waitFor('ready')]);
    expect(await sendAll(attached)).toEqual(heard);
    expect(await sendAll(exec)).toEqual(heard);
    await gocker(['rm', '-f', 'hears']);
    expect([(await attached.ended).code, (await exec.ended).code]).toEqual([137, 137]);
  });

  test('real-time signals come by kill', async () => {
    const script = 'trap "echo got 37; exit 5" 37; while :; do sleep 0.05; done';
    await detached('real', busybox, 'sh', '-c', script);
    expect((await gocker(['kill', '-s', 'RTMIN+3', 'real'])).code).toBe(0);
    expect((await gocker(['wait', 'real'])).stdout).toBe('5\n');
    expect((await gocker(['logs', 'real'])).stdout).toBe('got 37\n');
  });
});
