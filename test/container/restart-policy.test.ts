import { describe, expect, it } from 'vitest';
import { startsAtBoot } from '../../src/container/boot.ts';
import { nextHealth } from '../../src/container/health.ts';
import { planHealth } from '../../src/container/plan-life.ts';
import { restartDelay } from '../../src/container/restart-policy.ts';
import type { Container, RestartPolicy } from '../../src/container/schema.ts';
import { parseSignal } from '../../src/container/stop-signal.ts';

const run = { exitCode: 1, ranMs: 0, restarts: 0, waitedMs: 0 };

describe('the restart policy', () => {
  it('waits twice as long each time, at most a minute, and from the beginning after a good run', () => {
    const waits: number[] = [];
    for (let waitedMs = 0; waits.length < 12; ) {
      waitedMs = restartDelay({ policy: 'always' }, { ...run, waitedMs })!;
      waits.push(waitedMs);
    }
    expect(waits.slice(0, 4)).toEqual([100, 200, 400, 800]);
    expect(waits.at(-1)).toBe(60_000);
    expect(restartDelay({ policy: 'always' }, { ...run, waitedMs: 60_000, ranMs: 10_000 })).toBe(100);
  });
  it.each<[RestartPolicy | undefined, Partial<typeof run>, boolean]>([
    [undefined, {}, false],
    [{ policy: 'no' }, {}, false],
    [{ policy: 'always' }, { exitCode: 0 }, true],
    [{ policy: 'unless-stopped' }, { exitCode: 0 }, true],
    [{ policy: 'on-failure' }, { exitCode: 0 }, false],
    [{ policy: 'on-failure' }, { restarts: 1000 }, true],
    [{ policy: 'on-failure', max: 2 }, { restarts: 1 }, true],
    [{ policy: 'on-failure', max: 2 }, { restarts: 2 }, false],
  ])('%j after %j: %s', (policy, last, again) => {
    expect(restartDelay(policy, { ...run, ...last }) !== undefined).toBe(again);
  });
  it.each<[RestartPolicy | undefined, Partial<Container['state']>, boolean]>([
    [undefined, {}, false],
    [{ policy: 'always' }, { stopped: true }, true],
    [{ policy: 'unless-stopped' }, { stopped: true }, false],
    [{ policy: 'unless-stopped' }, {}, true],
    [{ policy: 'on-failure' }, { exitCode: 0 }, false],
    [{ policy: 'on-failure' }, { exitCode: 255 }, true],
    [{ policy: 'always' }, { status: 'created' }, false],
  ])('%j with %j at boot: %s', (restart, state, starts) => {
    const container = { config: { restart }, state: { status: 'exited', ...state } } as unknown as Container;
    expect(startsAtBoot(container)).toBe(starts);
  });
});

describe('health', () => {
  const probe = (exitCode: number) => ({ start: '', end: '', exitCode, output: '' });
  const options = { retries: 2, forgiven: false };
  it('turns after so many failures, and back at the first success', () => {
    const one = nextHealth(undefined, probe(1), options);
    expect(one).toMatchObject({ status: 'starting', failingStreak: 1 });
    const two = nextHealth(one, probe(1), options);
    expect(two).toMatchObject({ status: 'unhealthy', failingStreak: 2 });
    expect(nextHealth(two, probe(0), options)).toMatchObject({ status: 'healthy', failingStreak: 0 });
  });
  it('forgives failures while it starts, and remembers five', () => {
    let health = nextHealth(undefined, probe(1), { ...options, forgiven: true });
    expect(health).toMatchObject({ status: 'starting', failingStreak: 0 });
    for (let count = 0; count < 9; count++) health = nextHealth(health, probe(0), options);
    expect(health.log).toHaveLength(5);
  });
  it('takes the user’s word, then the image’s, then docker’s', () => {
    const image = { Test: ['CMD', 'true'], Interval: 5e9, Retries: 0 };
    expect(planHealth({}, undefined)).toBeUndefined();
    expect(planHealth({}, { Test: ['NONE'] })).toBeUndefined();
    expect(planHealth({ none: true }, image)).toBeUndefined();
    expect(planHealth({ timeout: 1000 }, image)).toMatchObject({
      test: ['CMD', 'true'],
      interval: 5000,
      timeout: 1000,
      retries: 3,
    });
    expect(planHealth({ command: 'x' }, image)).toMatchObject({ test: ['CMD-SHELL', 'x'] });
    expect(() => planHealth({ none: true, command: 'x' }, image)).toThrow('--no-healthcheck contradicts');
  });
});

describe('a signal', () => {
  it.each([
    ['TERM', 15],
    ['sigkill', 9],
    ['1', 1],
    ['RTMIN+3', 37],
    ['SIGRTMAX-1', 63],
  ])('%s is %d', (text, number) => {
    expect(parseSignal(text)).toBe(number);
  });
  it.each(['', '0', '65', 'NOSUCH', '-9', 'RTMIN+99'])('%j is none', (text) => {
    expect(() => parseSignal(text)).toThrow('invalid signal');
  });
});
